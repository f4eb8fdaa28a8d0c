import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { StackProfileBuilder } from '../../model/stack-profile-builder.ts';

/*
 * `memray stats --json`: totals of everything that was ever allocated, freed or not, with the few largest places
 * (`location` is `function:file:line`). It tells where memory is asked for, not what leaks.
 */
const MAX_BYTES = 64 << 20;
const SAMPLE_TYPES = [
  { type: 'alloc_objects', unit: 'count' },
  { type: 'alloc_space', unit: 'bytes' },
];
const REST = '(places that memray does not list)';

/** @throws FormatError when it is no JSON, or not of this shape */
export async function readStatsJson(source: ByteSource, { signal }: LongCall): Promise<StackProfile> {
  const { name: file } = source;
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of source.chunks()) {
    signal?.throwIfAborted();
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw wrong(file, MAX_BYTES, `at most ${MAX_BYTES} bytes`, 'more');
    text += decoder.decode(chunk, { stream: true });
  }
  const stats = parsed(file, text + decoder.decode(), bytes);
  const field = (name: string): unknown => stats[name];
  const totals = {
    count: whole(file, 'total_num_allocations', field('total_num_allocations')),
    bytes: whole(file, 'total_bytes_allocated', field('total_bytes_allocated')),
  };
  const builder = new StackProfileBuilder('python', 'memray', file, SAMPLE_TYPES);
  const places = new Map<string, [number, number]>();
  for (const [list, key, column] of [
    ['top_allocations_by_count', 'count', 0],
    ['top_allocations_by_size', 'size', 1],
  ] as const) {
    for (const [index, row] of rows(file, list, field(list)).entries()) {
      const location = row['location'];
      if (typeof location !== 'string')
        throw wrong(file, 0, `a text as ${list}[${index}].location`, typeof location);
      const values = places.get(location) ?? [0, 0];
      values[column] += whole(file, `${list}[${index}].${key}`, row[key]);
      places.set(location, values);
    }
  }
  const rest = [totals.count, totals.bytes];
  for (const [location, values] of places) {
    builder.sample(builder.stack([place(builder, location)]), values);
    rest[0]! -= values[0];
    rest[1]! -= values[1];
  }
  if (rest.some((value) => value < 0))
    throw wrong(file, 0, 'places that add up to the totals or less', 'more');
  if (rest.some((value) => value > 0)) {
    builder.sample(builder.stack([builder.location(builder.function(REST))]), rest);
  }
  return builder.finish({
    ...times(stats),
    defaultSampleType: 'alloc_space',
    docUrl: 'https://bloomberg.github.io/memray/stats.html',
    figures: figuresOf(stats),
    warnings: [
      'these are all allocations of the run, freed or not: make `memray transform csv --leaks` to see what stayed',
      'a place that only one of the two lists names has 0 in the other column; the difference is under the places not listed',
    ],
  });
}

type Json = Record<string, unknown>;

function parsed(file: string, text: string, bytes: number): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    // V8 names the place in characters, or says that the text ends too early.
    const position = /position (\d+)/.exec((cause as Error).message)?.[1];
    const at = position === undefined ? text.length : Number(position);
    const truncated = at >= text.trimEnd().length;
    const offset = truncated ? bytes : new TextEncoder().encode(text.slice(0, at)).length;
    throw new FormatError({
      file,
      offset,
      expected: 'JSON as `memray stats --json` writes it',
      truncated,
      cause,
    });
  }
  throw wrong(file, 0, 'a JSON object', 'another value');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rows(file: string, name: string, value: unknown): Json[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw wrong(file, 0, `a list of objects as ${name}`, 'another value');
}

function whole(file: string, name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw wrong(
    file,
    0,
    `a whole number as ${name}`,
    value === undefined ? 'none' : JSON.stringify(value).slice(0, 60),
  );
}

function wrong(file: string, offset: number, expected: string, found: string): FormatError {
  return new FormatError({ file, offset, expected, found, hint: 'make it again with `memray stats --json`' });
}

/** `function:file:line`; the file may hold colons. A location of another form is taken as a function's name. */
function place(builder: StackProfileBuilder, location: string): number {
  const [, name, path, line] = /^([^:]*):(.*):(\d{1,9})$/s.exec(location) ?? ['', location, '', '0'];
  return builder.location(builder.function(name!, path!), Number(line));
}

function figuresOf(stats: Json): Map<string, number> {
  const figures = new Map<string, number>();
  const metadata = isObject(stats['metadata']) ? stats['metadata'] : {};
  for (const name of ['peak_memory', 'pid', 'total_allocations', 'total_frames']) {
    if (typeof metadata[name] === 'number') figures.set(name, metadata[name]);
  }
  const allocators = stats['allocator_type_distribution'];
  for (const [name, count] of Object.entries(isObject(allocators) ? allocators : {})) {
    if (typeof count === 'number') figures.set(`allocator ${name}`, count);
  }
  return figures;
}

/** memray writes `2026-01-22 06:30:00.123000+00:00`. */
function times(stats: Json): { timeNanos?: bigint; durationNanos?: number } {
  const metadata = isObject(stats['metadata']) ? stats['metadata'] : {};
  const milliseconds = (name: string): number => Date.parse(String(metadata[name] ?? '').replace(' ', 'T'));
  const [from, to] = [milliseconds('start_time'), milliseconds('end_time')];
  if (!Number.isFinite(from) || !Number.isFinite(to) || to < from) return {};
  return { timeNanos: BigInt(to) * 1_000_000n, durationNanos: (to - from) * 1e6 };
}
