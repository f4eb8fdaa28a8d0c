import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import { readAll } from '../../base/read-all.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { StackProfileBuilder } from '../../model/stack-profile-builder.ts';

/** The parts of `stanch/node-census@1` that are values (docs/formats/node-census.md). All are counts. */
interface Census {
  readonly at?: string;
  readonly objects: number;
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  readonly otherClasses?: { readonly classes: number; readonly count: number };
  readonly listeners: readonly {
    readonly class: string;
    readonly event: string;
    readonly listeners: number;
    readonly functionName: string | null;
  }[];
  readonly collections: readonly {
    readonly class: string;
    readonly size: number;
    readonly holds: string;
  }[];
  readonly memory?: { readonly rss?: number; readonly external?: number };
  readonly heap?: { readonly used_heap_size?: number };
}

const SAMPLE_TYPES = [
  { type: 'objects', unit: 'count' },
  { type: 'listeners', unit: 'count' },
  { type: 'entries', unit: 'count' },
];
const MAX_BYTES = 64 << 20;

/**
 * Reads a census: a class is a function without a file, a listener one below the class of its emitter. Nobody allocated these objects at a
 * line as far as a census knows.
 *
 * @throws FormatError when it is no JSON, or not of this shape
 */
export async function readCensus(source: ByteSource, options: LongCall = {}): Promise<StackProfile> {
  const bytes = await readAll(source, options.signal, MAX_BYTES);
  const census = parsed(source.name, bytes);
  const builder = new StackProfileBuilder('node', 'node-census', source.name, SAMPLE_TYPES);
  const add = (names: readonly string[], values: readonly [number, number, number]): void => {
    const stack = names.map((name) => builder.location(builder.function(name, ''), 0, 0));
    builder.sample(builder.stack(stack), [...values]);
  };
  for (const { name, count } of census.classes) add([name], [count, 0, 0]);
  const { otherClasses } = census;
  if (otherClasses && otherClasses.count > 0) add(['(other classes)'], [otherClasses.count, 0, 0]);
  for (const { class: emitter, event, listeners, functionName } of census.listeners)
    add([`'${event}'${functionName === null ? '' : ` ${functionName}`}`, emitter], [0, listeners, 0]);
  // Two collections of one kind cannot be told apart: they are summed up.
  for (const { class: name, size, holds } of census.collections)
    add([holds === '' ? name : `${name} of ${holds}`], [0, 0, size]);
  const timeMs = Date.parse(census.at ?? '');
  const figures = new Map<string, number>();
  const figure = (name: string, value: number | undefined): void => {
    if (typeof value === 'number' && Number.isFinite(value)) figures.set(name, value);
  };
  figure('rss', census.memory?.rss);
  figure('external', census.memory?.external);
  figure('heapUsed', census.heap?.used_heap_size);
  return builder.finish({
    defaultSampleType: 'objects',
    figures,
    ...(Number.isNaN(timeMs) ? {} : { timeNanos: BigInt(timeMs) * 1_000_000n }),
  });
}

function parsed(file: string, bytes: Uint8Array): Census {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new FormatError({
      file,
      offset: bytes.length,
      expected: 'JSON of a census',
      found: cause instanceof Error ? cause.message : 'something else',
      hint: 'the census was probably cut while it was written',
    });
  }
  const { classes, listeners, collections } = (value ?? {}) as Partial<Census>;
  const sound =
    rows(classes, (row) => typeof row['name'] === 'string' && isCount(row['count'])) &&
    rows(
      listeners,
      (row) =>
        typeof row['class'] === 'string' && typeof row['event'] === 'string' && isCount(row['listeners']),
    ) &&
    rows(
      collections,
      (row) => typeof row['class'] === 'string' && typeof row['holds'] === 'string' && isCount(row['size']),
    );
  if (sound) return value as Census;
  throw new FormatError({
    file,
    offset: 0,
    expected: 'lists of classes, listeners and collections with their counts',
    found: 'something else',
  });
}

function rows(list: unknown, isSound: (row: Record<string, unknown>) => boolean): boolean {
  return (
    Array.isArray(list) &&
    list.every(
      (row: unknown) => typeof row === 'object' && row !== null && isSound(row as Record<string, unknown>),
    )
  );
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
