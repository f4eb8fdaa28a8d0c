import type { TextBlock } from '../../formats/incident-text/document.ts';
import { type Quantity, quantitiesOf, unitOf } from '../../formats/incident-text/quantities.ts';
import { type Moment, momentsOf } from '../../formats/incident-text/times.ts';
import type { TextClock } from '../clock.ts';
import { exactly, type Interval } from '../interval.ts';
import type { Reading } from './track.ts';
import { NODE_MEMORY, unitOfName } from './units-of-names.ts';

const KEYED =
  /(?<![\w.])(?<key>[A-Za-z_][\w.-]*)\s?[=:]\s?"?(?<number>\d[\d,_]*(?:\.\d+)?)\s?(?<unit>[kKMGT]i?B|bytes|ms|s|%|entries)?"?(?![\w.:-])/g;
/** Keys that tell whose numbers a line has. */
const WHOSE =
  /^(?:pid|pod|pod_name|host|hostname|instance|container|worker|worker_id|replica|node|process)$/i;
const TIME_KEYS = ['t', 'ts', 'time', 'timestamp', '@timestamp', 'date', 'datetime', 'at'];

/** Numbers with a name of their own in lines that begin with a time: `rss=612 MB`, `{"t":…,"rss":301989888}`. Code marks or not. */
export function stampedReadings(blocks: readonly TextBlock[], clock: TextClock): Reading[] {
  return blocks.flatMap((block) =>
    block.kind === 'heading' || block.kind === 'table'
      ? []
      : block.lines.flatMap(({ raw, number }) => readingsOf(raw, number, block.index, clock)),
  );
}

function readingsOf(raw: string, line: number, block: number, clock: TextClock): Reading[] {
  const text = raw.trim();
  if (text.startsWith('{') && text.endsWith('}')) {
    const json = jsonReadings(text, line, block, clock);
    if (json) return json;
  }
  const stamp = momentsOf(text)[0];
  // `I, [2024-…`, `[2024-…`, `level=info ts=2024-…`
  if (stamp?.minutes == null || stamp.start > 12) return [];
  const told = clock.minuteOf(stamp);
  if (told === null) return [];
  const minute = inYear(told, stamp, clock.baseDay);
  const found = [...text.slice(stamp.end).matchAll(KEYED)].map(({ groups }) => groups!);
  const whose = found.filter(({ key }) => WHOSE.test(key!));
  const entity = whose.map(({ number }) => number).join('/') || (/\bpid[=: ]+(\d+)/.exec(text)?.[1] ?? '');
  return found
    .filter(({ key }) => !WHOSE.test(key!))
    .map(({ key, number, unit }) => {
      const [dimension, scale] =
        unit !== undefined && unit !== 'entries'
          ? unitOf(unit)
          : (unitOfName(key!) ??
            (NODE_MEMORY.test(key!) && Number(number) > 1e6 ? ['bytes', 1] : ['count', 1]));
      return {
        name: key!,
        entity,
        aliases: aliasesOf(entity),
        dimension,
        minute,
        value: rounded(number!, scale as number),
        line,
        block,
      } as Reading;
    });
}

/** Syslog has no year: the one of the text's own dates. */
function inYear(minute: number, { day, dayKind, text }: Moment, baseDay: number): number {
  if (dayKind !== 'date' || day! >= 366 || /\b\d{4}\b/.test(text) || baseDay < 366) return minute;
  const date = new Date(day! * 86_400_000);
  const year = new Date(baseDay * 86_400_000).getUTCFullYear();
  return minute + (Date.UTC(year, date.getUTCMonth(), date.getUTCDate()) / 86_400_000 - day!) * 1440;
}

function jsonReadings(text: string, line: number, block: number, clock: TextClock): Reading[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const flat = flatten(value as Record<string, unknown>, '');
  const at = TIME_KEYS.map((key) => flat.get(key)).find((each) => each !== undefined);
  const moment = typeof at === 'string' ? momentsOf(at)[0] : undefined;
  const minute = moment
    ? clock.minuteOf(moment)
    : typeof at === 'number' && at > 1e9
      ? at / (at > 1e11 ? 60_000 : 60)
      : null;
  if (minute === null) return null;
  const entity = [...flat].find(([key, each]) => WHOSE.test(last(key)) && each !== null)?.[1];
  const who = entity === undefined ? '' : String(entity);
  const found: Reading[] = [];
  for (const [key, each] of flat) {
    const name = last(key);
    if (typeof each !== 'number' || TIME_KEYS.includes(key) || WHOSE.test(name)) continue;
    const [dimension, scale] =
      unitOfName(name) ??
      (NODE_MEMORY.test(name) && each > 1e6 ? (['bytes', 1] as const) : (['count', 1] as const));
    found.push({
      name,
      entity: who,
      aliases: aliasesOf(who),
      dimension,
      minute,
      value: exactly(each * scale),
      line,
      block,
    });
  }
  return found;
}

function last(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

function flatten(value: Record<string, unknown>, prefix: string): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [key, each] of Object.entries(value)) {
    if (typeof each === 'object' && each !== null && !Array.isArray(each) && prefix.split('.').length < 4)
      for (const [inner, held] of flatten(each as Record<string, unknown>, `${prefix}${key}.`))
        flat.set(inner, held);
    else flat.set(`${prefix}${key}`, each);
  }
  return flat;
}

/** "pid 18", "18". */
function aliasesOf(entity: string): string[] {
  return entity === '' ? [] : [entity.toLowerCase()];
}

/** A number as written: half of its last digit either way. */
export function rounded(number: string, scale: number): Interval {
  const quantity: Quantity | undefined = quantitiesOf(number)[0];
  if (!quantity) return exactly(Number(number.replace(/[,_\s]/g, '')) * scale);
  return { low: quantity.low * scale, value: quantity.value * scale, high: quantity.high * scale };
}
