import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, digits, sizeText } from '../figures.ts';
import { type Interval, over } from '../interval.ts';
import type { MemoryPoint } from '../memory-facts.ts';

interface Threshold {
  readonly dimension: 'bytes' | 'percent';
  readonly value: Interval;
  readonly text: string;
  readonly line: number;
}

/** An alert against its own threshold, and against what the text's numbers say for that minute. */
export function checkAlert(facts: Facts): Claim[] {
  return [...againstThreshold(facts), ...againstTable(facts)];
}

function againstThreshold(facts: Facts): Claim[] {
  const { events, memory } = facts;
  const claims: Claim[] = [];
  for (const threshold of thresholdsOf(facts)) {
    if (threshold.dimension === 'percent') {
      const now = memory.percentNow;
      if (!now || now.line === threshold.line) continue;
      const holds = now.percent.high >= threshold.value.low;
      claims.push({
        text: threshold.text,
        line: threshold.line,
        alsoLines: [now.line],
        verdict: holds ? 'holds' : 'contradicted',
        because: holds
          ? `${digits(now.percent.value)} % is above it.`
          : `The alert fired at ${digits(now.percent.value)} %, below its own threshold.`,
        arithmetic: `${digits(now.percent.value)} % ${holds ? '≥' : '<'} ${digits(threshold.value.value)} %`,
        check: 'alert-threshold',
      });
      continue;
    }
    const fired = events
      .filter(({ kind, text }) => kind === 'alert' && !/second|another|other/.test(text))
      .flatMap((event) => {
        const level = levelAt(facts, event.minute);
        return level ? [{ ...event, ...level }] : [];
      });
    if (fired.length === 0) continue;
    const below = fired.filter(({ bytes }) => bytes.high < threshold.value.low * 0.97);
    claims.push({
      text: threshold.text,
      line: threshold.line,
      alsoLines: fired.map(({ line }) => line),
      verdict: below.length > 0 ? 'contradicted' : 'holds',
      because:
        below.length > 0
          ? `The alert fired ${below.map(({ minute, bytes }) => `at ${sizeText(bytes.value)} (${clockText(minute)})`).join(' and ')}, below its own threshold of ${sizeText(threshold.value.value)}.`
          : 'The alert fired above its threshold.',
      arithmetic: fired
        .map(
          ({ minute, bytes, how }) =>
            `${clockText(minute)}: ${sizeText(bytes.value)} (${how}) ${bytes.value < threshold.value.value ? '<' : '≥'} ${sizeText(threshold.value.value)}`,
        )
        .join('\n'),
      check: 'alert-threshold',
    });
  }
  return claims;
}

/** "92.4 % at 02:17" against the table's value for that minute. */
function againstTable(facts: Facts): Claim[] {
  const { memory, events } = facts;
  const now = memory.percentNow;
  const alert = events.find(({ kind }) => kind === 'alert');
  if (!now || !memory.limit || !alert || memory.points.some(({ percent }) => percent !== null)) return [];
  const level = levelAt(facts, alert.minute);
  if (!level) return [];
  const limit = memory.limit.bytes;
  const percent = scaled(over(level.bytes, limit), 100);
  const half = 1.5;
  const fits =
    Math.abs(percent.value - now.percent.value) <=
    half + (percent.high - percent.low) / 2 + (now.percent.high - now.percent.low) / 2;
  const reached = minuteOf(memory.points, (now.percent.value / 100) * limit.value);
  return [
    {
      text: now.text,
      line: now.line,
      alsoLines: [alert.line],
      verdict: fits ? 'holds' : 'contradicted',
      because: fits
        ? `The numbers give ${digits(percent.value)} % of ${sizeText(limit.value)} at ${clockText(alert.minute)}.`
        : `At ${clockText(alert.minute)} the numbers give ${sizeText(level.bytes.value)} = ${digits(percent.value)} % of ${sizeText(limit.value)}${reached === null ? '' : `; ${digits(now.percent.value)} % is reached at ${clockText(reached)}`}. The alert and the numbers are not of the same quantity or process.`,
      arithmetic: `${level.how}: ${sizeText(level.bytes.value)} / ${sizeText(limit.value)} = ${digits(percent.value)} %`,
      check: 'alert-against-table',
    },
  ];
}

function scaled({ low, value, high }: Interval, by: number): Interval {
  return { low: low * by, value: value * by, high: high * by };
}

function levelAt({ memory }: Facts, minute: number): { bytes: Interval; how: string } | null {
  const points = memory.points.filter(({ process }) => process === '');
  const exact = points.find((point) => point.minute === minute);
  if (exact) return { bytes: exact.bytes, how: `line ${exact.line}` };
  const before = points.findLast((point) => point.minute < minute);
  const after = points.find((point) => point.minute > minute);
  if (!before || !after) return null;
  const share = (minute - before.minute) / (after.minute - before.minute);
  const mix = (a: number, b: number): number => a + (b - a) * share;
  return {
    bytes: {
      low: mix(before.bytes.low, after.bytes.low),
      value: mix(before.bytes.value, after.bytes.value),
      high: mix(before.bytes.high, after.bytes.high),
    },
    how: `between ${sizeText(before.bytes.value)} at ${clockText(before.minute)} and ${sizeText(after.bytes.value)} at ${clockText(after.minute)}`,
  };
}

function minuteOf(points: readonly MemoryPoint[], bytes: number): number | null {
  for (let at = 1; at < points.length; at++) {
    const [a, b] = [points[at - 1]!, points[at]!];
    if (a.bytes.value > bytes || b.bytes.value < bytes) continue;
    return a.minute + ((bytes - a.bytes.value) / (b.bytes.value - a.bytes.value)) * (b.minute - a.minute);
  }
  return null;
}

function thresholdsOf({ statements }: Facts): Threshold[] {
  const found: Threshold[] = [];
  for (const { sentences, kind } of statements) {
    if (kind === 'heading') continue;
    for (const { text, line } of sentences) {
      const key =
        /\b(?:threshold\s*:?\s*(?:alerts?\s+(?:at|above|over))?|alerts?\s+(?:at|above|over|when|if)\b)[^,;.]{0,30}?$/i;
      for (const quantity of quantitiesOf(text)) {
        if (quantity.dimension !== 'bytes' && quantity.dimension !== 'percent') continue;
        const before = text.slice(0, quantity.start).replace(/[<>≥≤~]=?\s*$/, '');
        if (/\bOOM\b[^,;]*$/i.test(before) || !key.test(before)) continue;
        found.push({ dimension: quantity.dimension, value: quantity, text, line });
        break;
      }
    }
  }
  return found;
}

const MONITORED = /\b(?:memory|mem|rss|heap)\b/i;

/** SLO, alert, runbook and environment each with a threshold of its own. */
export function checkThresholdsAgree({ statements }: Facts): Claim[] {
  const found: { percent: number; line: number; text: string; role: string }[] = [];
  for (const { sentences, kind } of statements) {
    if (kind === 'heading') continue;
    for (const { text, line } of sentences) {
      const variable =
        /\b(\w*MEM\w*_(?:ALERT_)?THRESHOLD\w*|\w*ALERT\w*THRESHOLD\w*)\s*[=:]\s*(\d{1,3})\b/.exec(text);
      if (variable) {
        found.push({ percent: Number(variable[2]), line, text: text.trim(), role: 'alert' });
        continue;
      }
      if (
        !MONITORED.test(text) ||
        !/\b(?:SLO|alert|trigger|threshold|page|objective)\b/i.test(text) ||
        /\bat \d/.test(text)
      )
        continue;
      const bound = quantitiesOf(text).find(
        ({ dimension, bound: side }) => dimension === 'percent' && side !== null,
      );
      if (bound)
        found.push({
          percent: bound.value,
          line,
          text,
          role: /\b(?:SLO|objective)\b/i.test(text) ? 'objective' : 'alert',
        });
    }
  }
  const [first, ...others] = found;
  const different = others.filter(({ percent }) => percent !== first?.percent);
  if (!first || different.length === 0) {
    return first && others.length > 0
      ? [
          {
            text: first.text,
            line: first.line,
            alsoLines: others.map(({ line }) => line),
            verdict: 'holds',
            because: `All thresholds are ${first.percent} %.`,
            check: 'thresholds-agree',
          },
        ]
      : [];
  }
  const alert = found.filter(({ role }) => role === 'alert').map(({ percent }) => percent);
  const late = found.find(
    ({ role }) => role === 'objective' && alert.every((percent) => percent > found[0]!.percent),
  );
  // An alert that comes before the objective is broken is how it should be.
  const early =
    found
      .filter(({ role }) => role === 'objective')
      .every(({ percent }) => alert.every((at) => at <= percent)) && new Set(alert).size === 1;
  return [
    {
      text: first.text,
      line: first.line,
      alsoLines: others.map(({ line }) => line),
      verdict: early ? 'holds' : 'contradicted',
      because: early
        ? 'The alert comes before the objective is broken.'
        : `The text has different limits for one thing: ${found.map(({ percent, line, role }) => `${percent} % (${role}, line ${line})`).join(', ')}${late ? '; the objective is broken before anything alerts' : ''}.`,
      arithmetic: found.map(({ percent, line }) => `line ${line}: ${percent} %`).join('\n'),
      check: 'thresholds-agree',
    },
  ];
}
