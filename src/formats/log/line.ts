import { type Stamp, stampOf, timeValue } from './timestamps.ts';

/** A log line taken apart. */
export interface LogLine {
  /** NaN when the line has no time. */
  readonly atMs: number;
  readonly dated: boolean;
  readonly level: string;
  /** What was said, without time, level and the prefixes of collectors. */
  readonly message: string;
  /** Fields of a JSON line that are numbers or short texts, but for time, level and message. */
  readonly fields: readonly (readonly [string, string | number])[];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of ECMA-48 begin with one
const COLOURS = /\u001b\[[\d;]*[A-Za-z]/g;
const COLLECTORS: readonly RegExp[] = [
  /^[\w.-]+ +\| ?/, // docker compose: web-1  | …
  /^\[pod\/[\w./-]+\] /, // kubectl logs --prefix
  /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) std(?:out|err) [FP] (?=.)/, // CRI: the time of the line itself follows or not
];
const LEVEL =
  /^[\s\-|:[\]#\d.]{0,24}?\[?(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|PANIC)\]?(?![a-z])[\s:|-]*/i;
const FIELD_TIME = ['time', 'timestamp', '@timestamp', 'ts', 't', 'datetime', 'date', 'eventTime', 'asctime'];
const FIELD_TEXT = ['msg', 'message', 'event', 'text', 'log', 'body'];
const FIELD_LEVEL = ['level', 'severity', 'lvl', 'levelname', 'log.level'];
const MAX_FIELDS = 64;

/** Takes a line apart. Never throws; what has no known form is all message. */
export function readLine(raw: string, year: number): LogLine {
  let text = raw.includes('\u001b') ? raw.replace(COLOURS, '') : raw;
  let outer: Stamp | null = null;
  for (const collector of COLLECTORS) {
    const match = collector.exec(text);
    if (!match) continue;
    outer ??= stampOf(text, year);
    text = text.slice(match[0].length);
  }
  if (text.startsWith('{')) {
    const json = readJson(text, year);
    if (json)
      return Number.isNaN(json.atMs) && outer ? { ...json, atMs: outer.atMs, dated: outer.dated } : json;
  }
  const stamp = stampOf(text, year);
  const time = stamp ?? outer;
  let message = stamp ? text.slice(stamp.end) : text;
  // Docker's own --timestamps in front of the line's own time or JSON.
  if (stamp && /^\s\{/.test(message)) {
    const json = readJson(message.trim(), year);
    if (json) return Number.isNaN(json.atMs) ? { ...json, atMs: stamp.atMs, dated: stamp.dated } : json;
  }
  const level = LEVEL.exec(message);
  const tagged = level
    ? null
    : /^\s*((?:\[[\w .:/-]{1,40}\]\s*)+)(TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL)[\s:|-]+/i.exec(message);
  let levelName = '';
  if (level) {
    levelName = level[1]!;
    message = message.slice(level[0].length).replace(/^--\s*:\s*/, '');
  } else if (tagged) {
    levelName = tagged[2]!;
    message = `${tagged[1]}${message.slice(tagged[0].length)}`;
  }
  return {
    atMs: time?.atMs ?? Number.NaN,
    dated: time?.dated ?? false,
    level: levelName.toUpperCase(),
    message: message.trim(),
    fields: [],
  };
}

function readJson(text: string, year: number): LogLine | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  const record = parsed as Record<string, unknown>;
  const timeKey = FIELD_TIME.find((key) => Number.isFinite(timeValue(record[key], year)));
  const atMs = timeKey === undefined ? Number.NaN : timeValue(record[timeKey], year);
  // docker's json-file driver wraps the line whole.
  if (typeof record['log'] === 'string' && 'stream' in record) {
    const inner = readLine(record['log'].trimEnd(), year);
    return Number.isNaN(inner.atMs) ? { ...inner, atMs, dated: true } : inner;
  }
  const textKey = FIELD_TEXT.find((key) => typeof record[key] === 'string');
  const levelKey = FIELD_LEVEL.find((key) => record[key] !== undefined);
  const fields: [string, string | number][] = [];
  collectFields(record, '', new Set([timeKey, textKey, levelKey]), fields);
  return {
    atMs,
    dated: true,
    level: levelKey === undefined ? '' : String(record[levelKey]).toUpperCase(),
    message: textKey === undefined ? '' : String(record[textKey]),
    fields,
  };
}

function collectFields(
  record: Record<string, unknown>,
  prefix: string,
  skipped: ReadonlySet<string | undefined>,
  into: [string, string | number][],
): void {
  for (const [key, value] of Object.entries(record)) {
    if (into.length >= MAX_FIELDS) return;
    if (prefix === '' && skipped.has(key)) continue;
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'number' && Number.isFinite(value)) into.push([name, value]);
    else if (typeof value === 'string' && value.length <= 200) into.push([name, value]);
    else if (
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      prefix.split('.').length < 3
    )
      collectFields(value as Record<string, unknown>, name, skipped, into);
  }
}
