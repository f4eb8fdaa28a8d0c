import { quantitiesOf } from '../formats/incident-text/quantities.ts';
import { ratesOf } from '../formats/incident-text/rates.ts';
import { momentsOf } from '../formats/incident-text/times.ts';
import type { Interval } from './interval.ts';
import type { Statement } from './statements.ts';

/** A named number of a text: `websocket.connection.total: 8,234`, "Chunked uploads initiated: ~45/min". */
export interface Counter {
  readonly name: string;
  /** A total or a level; null where only a rate is given. */
  readonly value: Interval | null;
  readonly perHour: Interval | null;
  /** "between 50-300": bounded. */
  readonly range: boolean;
  readonly line: number;
  readonly text: string;
  readonly block: number;
}

const KEYED =
  /^\s*(?:[-*•]\s+)?\|?\s*([A-Za-z_][\w./:{}="' -]{2,80}?)\s*(?:[:=|]|\s{2,})\s*(?=[~≈<>]?\s*[\d(]|about|around|approximately|fluctuat|between|varies|ranging)/i;
const NO_COUNTER =
  /^(?:exit ?code|restart ?count|port|pid|version|severity|top|step|line|threshold|current(?: value)?|time|limit|memory|status|node|replicas?)$/i;

/** Every number that has a name of its own and is neither a size nor a row of a table of times. */
export function countersOf(statements: readonly Statement[]): Counter[] {
  const found: Counter[] = [];
  for (const { text, line, kind, block } of statements) {
    if (
      kind === 'heading' ||
      (kind === 'code' && /^(?:js|javascript|typescript|ts|python|ruby|go|bash|sh)$/.test(block.language))
    )
      continue;
    if (momentsOf(text)[0]?.start === 0) continue;
    const keyed = KEYED.exec(text);
    const name = keyed?.[1]?.trim() ?? '';
    if (keyed && !NO_COUNTER.test(name) && name.split(' ').length <= 6) {
      const rate = ratesOf(text).find(
        ({ dimension, start }) => dimension === 'count' && start <= keyed[0].length + 2,
      );
      const value = quantitiesOf(text).find(
        ({ dimension, start }) =>
          dimension === 'count' && start >= keyed[0].length - 1 && start <= keyed[0].length + 24,
      );
      if (rate)
        found.push({
          name,
          value: null,
          perHour: { low: rate.low, value: rate.perHour, high: rate.high },
          range: false,
          line,
          text,
          block: block.index,
        });
      else if (value)
        found.push({ name, value, perHour: null, range: value.range, line, text, block: block.index });
      if (rate || value) continue;
    }
    if (kind === 'code') continue;
    // In prose: "8,234 connections opened and 7,922 connections closed".
    for (const match of text.matchAll(
      /(?<![\w.])(~?\d[\d,]*)\s+((?:[a-z][\w-]*\s){0,2}(?:opened|closed|started|completed|created|released|added|removed|initiated|finished|connects|disconnects|connections|acquired|returned))\b(?!\s+(?:per|every|each|an?)\b|\s*\/)/gi,
    )) {
      const value = quantitiesOf(match[0]).find(({ dimension }) => dimension === 'count');
      if (value)
        found.push({ name: match[2]!, value, perHour: null, range: false, line, text, block: block.index });
    }
  }
  return found;
}
