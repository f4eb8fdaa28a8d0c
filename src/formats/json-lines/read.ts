import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import { F64List } from '../../base/f64-list.ts';
import type { LongCall } from '../../base/progress.ts';
import { readAll } from '../../base/read-all.ts';
import { parseTimeMs } from '../../model/sample-time.ts';
import { type Labels, type Series, type SeriesSet, seriesFrom } from '../../model/series.ts';
import { unitOfName } from '../../model/series-unit.ts';
import { timeKeyOf } from './keys.ts';

const MAX_DEPTH = 4;

interface Points {
  readonly name: string;
  readonly labels: Labels;
  readonly times: F64List;
  readonly values: F64List;
}

/**
 * Reads one JSON object a line, each with a time: every number in it is a sample (nested ones by their path, `memory.rss`), every
 * short text a label. `{metric, value, time}` and VictoriaMetrics' export lines (`{metric, values, timestamps}`) are understood too.
 *
 * @throws FormatError with the byte offset when no line holds a time and a number
 * @example
 * import { openFile, readJsonLines } from 'stanch';
 *
 * const { series } = await readJsonLines(openFile('samples.jsonl'));
 * for (const { name, values } of series) process.stdout.write(`${name}: ${values.length} samples\n`);
 */
export async function readJsonLines(source: ByteSource, options: LongCall = {}): Promise<SeriesSet> {
  const text = new TextDecoder().decode(await readAll(source, options.signal));
  const all = new Map<string, Points>();
  let bad = 0;
  let firstBad = 0;
  let offset = 0;
  for (const line of text.split('\n')) {
    const at = offset;
    offset += line.length + 1;
    if (line.trim() === '' || take(line, all)) continue;
    if (bad++ === 0) firstBad = at;
  }
  if (all.size === 0) {
    throw new FormatError({
      file: source.name,
      offset: bytesBefore(text, firstBad),
      expected: 'a JSON object with a time and a number',
      found: bad > 0 ? 'something else' : 'an empty text',
    });
  }
  const series = [...all.values()].map((points) => seriesOf(points, source.name));
  const notes =
    bad > 0
      ? [
          `${bad} lines hold no time and number and were left out, the first at byte ${bytesBefore(text, firstBad)}`,
        ]
      : [];
  return { series, events: [], notes };
}

function take(line: string, all: Map<string, Points>): boolean {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return false;
  }
  if (!isObject(value)) return false;
  if (Array.isArray(value['values']) && Array.isArray(value['timestamps'])) return takeExport(value, all);
  const key = timeKeyOf(value);
  if (key === null) return false;
  const time = parseTimeMs(String(value[key]));
  if (Number.isNaN(time)) return false;
  const labels: Record<string, string> = {};
  const numbers: [string, number][] = [];
  gather(value, '', 0, key, labels, numbers);
  const metric = labels['metric'] ?? labels['name'];
  if (metric !== undefined && numbers.length === 1 && numbers[0]![0] === 'value') {
    const { metric: _metric, name: _name, ...rest } = labels;
    push(all, metric, rest, time, numbers[0]![1]);
    return true;
  }
  for (const [name, number] of numbers) push(all, name, labels, time, number);
  return numbers.length > 0;
}

/** https://docs.victoriametrics.com/#how-to-export-data-in-json-line-format: one series a line, times in milliseconds. */
function takeExport(value: Record<string, unknown>, all: Map<string, Points>): boolean {
  const metric = isObject(value['metric']) ? value['metric'] : {};
  const { __name__: name = 'value', ...rest } = Object.fromEntries(
    Object.entries(metric).map(([key, each]) => [key, String(each)]),
  );
  const values = value['values'] as unknown[];
  (value['timestamps'] as unknown[]).forEach((time, at) => {
    if (typeof time === 'number' && typeof values[at] === 'number') push(all, name, rest, time, values[at]);
  });
  return true;
}

function gather(
  value: Record<string, unknown>,
  path: string,
  depth: number,
  timeKey: string,
  labels: Record<string, string>,
  numbers: [string, number][],
): void {
  for (const [key, each] of Object.entries(value)) {
    if (depth === 0 && key === timeKey) continue;
    const name = path === '' ? key : `${path}.${key}`;
    if (typeof each === 'number') numbers.push([name, each]);
    else if (typeof each === 'string' && each.length <= 200 && !/^(msg|message|text|level|error)$/i.test(key))
      labels[name] = each;
    else if (isObject(each) && depth < MAX_DEPTH)
      gather(each, key === 'labels' ? '' : name, depth + 1, timeKey, labels, numbers);
  }
}

function push(all: Map<string, Points>, name: string, labels: Labels, time: number, value: number): void {
  const id = `${name}\u0000${JSON.stringify(labels)}`;
  let points = all.get(id);
  if (!points) {
    points = { name, labels, times: new F64List(), values: new F64List() };
    all.set(id, points);
  }
  points.times.push(time);
  points.values.push(value);
}

function seriesOf({ name, labels, times, values }: Points, source: string): Series {
  const scale = unitOfName(name);
  const factor = scale?.scale ?? 1;
  const kind = /(_total|_count|_sum)$/i.test(name) ? 'counter' : 'unknown';
  return seriesFrom(
    { name, labels, unit: scale?.unit ?? null, kind, source },
    times.view(),
    factor === 1 ? values.view() : values.view().map((value) => value * factor),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Offsets are counted in characters and told in bytes. */
function bytesBefore(text: string, at: number): number {
  return new TextEncoder().encode(text.slice(0, at)).length;
}
