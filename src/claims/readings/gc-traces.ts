import type { TextBlock } from '../../formats/incident-text/document.ts';
import { momentsOf } from '../../formats/incident-text/times.ts';
import type { TextClock } from '../clock.ts';
import { exactly } from '../interval.ts';
import { rounded } from './stamped-lines.ts';
import type { Reading } from './track.ts';

/** `node --trace-gc`: `[7:0x5a] 3612044 ms: Mark-Compact 812.3 (861.2) -> 640.1 (842.0) MB, 412.55 / 0.00 ms …` */
const V8 =
  /\[\d+:0x[\da-f]+\]\s+(?<ms>\d+) ms: (?<kind>Mark-[Cc]ompact|Mark-[Ss]weep|Scavenge)(?: \(reduce\))? (?<before>[\d.]+) \([\d.]+\) -> (?<after>[\d.]+) \([\d.]+\) MB, (?:[\d.]+ \/ [\d.]+ ms|(?<pause>[\d.]+))/;
const PAUSE = / MB, (?<pause>[\d.]+)(?: \/ [\d.]+)? ms/;
/** `GODEBUG=gctrace=1`: `gc 14 @12.044s 2%: … 412->415->208 MB, 420 MB goal` */
const GO = /^\s*gc (?<count>\d+) @(?<seconds>[\d.]+)s \d+%: .*? (?<before>\d+)->\d+->(?<after>\d+) MB/;

/** What garbage collectors write of themselves. The level after a collection is the heap's floor. */
export function gcReadings(blocks: readonly TextBlock[]): Reading[] {
  const found: Reading[] = [];
  for (const { lines, index: block } of blocks) {
    for (const { raw, number: line } of lines) {
      const v8 = V8.exec(raw)?.groups;
      const go = v8 ? null : GO.exec(raw)?.groups;
      const kind = v8 ? (v8['kind'] === 'Scavenge' ? 'scavenge' : 'major gc') : 'gc';
      const groups = v8 ?? go;
      if (!groups) continue;
      const minute = v8 ? Number(v8['ms']) / 60_000 : Number(go!['seconds']) / 60;
      const base = { entity: '', aliases: [], minute, line, block };
      if (kind !== 'scavenge')
        found.push({
          ...base,
          name: 'heap after gc',
          dimension: 'bytes',
          value: rounded(groups['after']!, 1e6),
        });
      const pause = PAUSE.exec(raw)?.groups?.['pause'];
      if (pause !== undefined)
        found.push({ ...base, name: `${kind} pause`, dimension: 'time', value: rounded(pause, 1) });
    }
  }
  return found;
}

/** A hash of counters: `{:count=>412, :major_gc_count=>61}`, `{count: 412, …}`; its time stands in a comment above. */
const RUBY_HASH = /\{\s*(?::?[a-z_]+(?:\s?=>|:)\s?\d[\d_.]*(?:,\s*|(?=\s*\}))){2,}\s*\}/;
const PAIR = /:?(?<key>[a-z_]+)\s*(?:=>|:)\s*(?<number>\d[\d_.]*)/g;

/** `GC.stat` and hashes like it, one a line. */
export function hashReadings(blocks: readonly TextBlock[], clock: TextClock): Reading[] {
  const found: Reading[] = [];
  for (const { lines, index: block } of blocks) {
    for (const [at, { raw, number: line }] of lines.entries()) {
      const hash = RUBY_HASH.exec(raw)?.[0];
      if (hash === undefined) continue;
      const near = [raw.slice(0, raw.indexOf(hash)), lines[at - 1]?.raw ?? ''];
      const moment = near.flatMap((text) => momentsOf(text)).find(({ minutes }) => minutes !== null);
      const minute = moment ? (clock.minuteOf(moment) ?? Number.NaN) : Number.NaN;
      for (const { groups } of hash.matchAll(PAIR))
        found.push({
          name: groups!['key']!,
          entity: '',
          aliases: [],
          dimension: /_bytes$|bytes$/.test(groups!['key']!) ? 'bytes' : 'count',
          minute,
          value: exactly(Number(groups!['number']!.replaceAll('_', ''))),
          line,
          block,
        });
    }
  }
  return found;
}
