import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, digits, percentText, rateText, sizeText } from '../figures.ts';
import { type Interval, over } from '../interval.ts';
import { shareOf } from '../memory-facts.ts';
import type { SizeTable } from '../size-tables.ts';
import { mainCount, nounOf, perHourOf } from './ledger.ts';

/** Below this the accused cannot be what it is about; above that they are most of it. */
const SMALL = 0.5;
const MOST = 0.75;

/** What the accused take, as a share of what grew (or of what is used). */
export function checkExplainedShare(facts: Facts): Claim[] {
  const { tables, memory } = facts;
  const used: Interval | null =
    memory.percentNow && memory.limit ? shareOf(memory.percentNow.percent, memory.limit.bytes) : null;
  const whole = memory.grown ?? used ?? memory.current?.bytes ?? null;
  if (!whole || whole.value <= 0) return [];
  const what = memory.grown
    ? `grown (${sizeText(memory.overall!.from.value)} → ${sizeText(memory.overall!.to.value)})`
    : 'used';
  return tables.map((table) => {
    const share = over(table.sum, whole);
    const small = share.high < SMALL;
    const most = share.value >= MOST && share.value <= 1.25;
    const overlap = table.retained && table.rows.length > 2;
    const sum = `${table.rows.map(({ bytes }) => digits(bytes.value / 1e6)).join(' + ')} = ${digits(table.sum.value / 1e6)} MB`;
    return {
      text: table.caption,
      line: table.rows[0]!.line,
      alsoLines: table.rows.slice(1).map(({ line }) => line),
      verdict: small
        ? ('contradicted' as const)
        : most && !overlap
          ? ('holds' as const)
          : ('cannot-tell' as const),
      because: `The listed sizes are ${overlap ? 'at most ' : ''}${percentText(share.value)} of the ${sizeText(whole.value)} ${what}${small ? `: they do not explain it; ${percentText(1 - share.value)} is left unexplained` : ''}.${overlap ? ' They are retained sizes, which overlap and may not be added.' : ''}`,
      arithmetic: `${sum}\n${digits(table.sum.value / 1e6)} / ${digits(whole.value / 1e6)} MB = ${percentText(share.value)}`,
      check: 'explained-share',
    };
  });
}

const TOTAL = /^\|?\s*(?:total|sum|overall)\b/i;

/** A row "Total" against the sum of the rows above it. */
export function checkTotals({ tables, document }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const table of tables) {
    const last = table.rows.at(-1)!.line;
    const row = document.lines.slice(last, last + 3).find(({ text }) => TOTAL.test(text.trim()));
    const match = row && /([\d,]+(?:\.\d+)?)\s*(kB|MB|GB|KiB|MiB|GiB)?\s*\|?\s*$/.exec(row.text.trim());
    if (!row || !match) continue;
    const scale = { kB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }[match[2] ?? 'MB']!;
    const said = Number(match[1]!.replaceAll(',', '')) * scale;
    const holds = Math.abs(said - table.sum.value) <= 0.02 * table.sum.value;
    claims.push({
      text: row.text.trim(),
      line: row.number,
      verdict: holds ? 'holds' : 'contradicted',
      because: holds ? 'The rows add up to it.' : `The rows add up to ${sizeText(table.sum.value)}.`,
      arithmetic: `${table.rows.map(({ bytes }) => digits(bytes.value / scale)).join(' + ')} = ${digits(table.sum.value / scale)}`,
      check: 'totals',
    });
  }
  return claims;
}

/** A collection of known size that grows at a known rate: entries × bytes each against the growth of memory. */
export function checkEntriesTimesBytes(facts: Facts): Claim[] {
  const { memory, tables, series } = facts;
  const claims: Claim[] = [];
  for (const row of tables.flatMap(({ rows }) => rows)) {
    const growing = series.find(
      (each) =>
        each.dimension === 'count' &&
        each.points.length >= 2 &&
        perHourOf(each) > 0 &&
        likeness(each.name, row.name) >= 2,
    );
    if (!growing) continue;
    const entries = row.count ?? growing.points[0]!.value.value;
    const each = row.bytes.value / entries;
    const perHour = perHourOf(growing);
    const grows = each * perHour;
    const memoryPerHour = rateDuring(facts, growing);
    if (memoryPerHour === null) continue;
    const share = grows / memoryPerHour;
    const start = memory.overall ? memory.overall.fromMinute : null;
    const first = growing.points[0]!;
    const mean =
      start !== null && start > 0 && first.minute > start
        ? first.value.value / ((first.minute - start) / 60)
        : null;
    claims.push({
      text: `${row.name}: ${sizeText(row.bytes.value)}`,
      line: row.line,
      alsoLines: growing.points.map(({ line }) => line),
      verdict: share < SMALL ? 'contradicted' : share <= 1.5 ? 'holds' : 'cannot-tell',
      because:
        share < SMALL
          ? `It grows by ${rateText(grows)}, ${percentText(share)} of the growth of memory (${rateText(memoryPerHour)}): most of the growth is elsewhere.`
          : share <= 1.5
            ? `Its growth of ${rateText(grows)} fits that of memory.`
            : `It alone would grow by ${rateText(grows)}, more than memory does: is the rate of a short moment.`,
      arithmetic: [
        `${sizeText(row.bytes.value)} / ${digits(entries)} = ${sizeText(each)} an entry`,
        `${digits(growing.points.at(-1)!.value.value - first.value.value)} entries in ${digits(growing.points.at(-1)!.minute - first.minute)} min = ${digits(perHour)} an hour = ${rateText(grows)}`,
        ...(mean === null
          ? []
          : [
              `mean since ${clockText(start!)}: ${digits(mean)} an hour${perHour > mean * 1.2 ? ': it grows faster than before' : ''}`,
            ]),
      ].join('\n'),
      check: 'entries-times-bytes',
    });
  }
  return claims;
}

/** Growth of memory while the count was taken: the steps that it overlaps or follows, else the whole, else what is stated. */
function rateDuring({ memory }: Facts, { points }: Facts['series'][number]): number | null {
  const [from, to] = [points[0]!.minute, points.at(-1)!.minute];
  const step = memory.slopes.findLast(
    ({ fromMinute, toMinute }) => fromMinute <= from && from <= toMinute + 60,
  );
  const covered = memory.slopes.filter(({ fromMinute, toMinute }) => fromMinute < to && toMinute > from);
  const perHour =
    covered.length > 1
      ? memory.overall?.perHour.value
      : (step?.perHour.value ?? memory.overall?.perHour.value);
  const known = perHour ?? memory.stated[0]?.perHour;
  return known !== undefined && known > 0 ? known : null;
}

function likeness(a: string, b: string): number {
  const words = new Set(split(a));
  return split(b).filter((word) => words.has(word)).length;
}

function split(name: string): string[] {
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word.length > 3 && !/^(?:size|entries|count|total|service)$/.test(word));
}

const STACK_BYTES = 2600;

/** Growth of memory over growth of a count: how much each would have to hold. */
export function checkBytesPerItem(facts: Facts): Claim[] {
  const growing = mainCount(facts);
  if (
    !growing ||
    !/goroutine|thread|listener|connection|socket|session|watcher|subscription/i.test(
      `${growing.name} ${growing.context}`,
    )
  )
    return [];
  const { memory } = facts;
  const stated = memory.overall?.perHour.value ?? memory.stated[0]?.perHour;
  const perHour = perHourOf(growing);
  if (!stated || perHour <= 0) return [];
  const each = stated / perHour;
  const goroutines = /goroutine/i.test(`${growing.name} ${growing.context}`);
  if (goroutines ? each < 20 * STACK_BYTES : each < 200_000) return [];
  return [
    {
      text: facts.document.lines[growing.points.at(-1)!.line - 1]?.raw.trim() ?? growing.name,
      line: growing.points.at(-1)!.line,
      verdict: 'cannot-tell',
      because: `If ${nounOf(growing)} are the leak, each must hold ${sizeText(each)}${goroutines ? ', where the stack of a parked goroutine is about 2 kB: each must keep heap besides, or something else leaks' : ': look at what each keeps, or something else leaks'}.`,
      arithmetic: `${rateText(stated)} / ${digits(perHour)} an hour = ${sizeText(each)} each`,
      check: 'bytes-per-item',
    },
  ];
}

/** Instances in a dump that equal what is active: those that ended are gone. */
export function checkLiveInstances({ tables, counters }: Facts): Claim[] {
  const claims: Claim[] = [];
  const active = counters.filter(
    ({ name, value, range }) =>
      value !== null &&
      !range &&
      /\b(?:active|current|open|live|in.?use)\b/i.test(name.replaceAll(/[._]/g, ' ')),
  );
  for (const table of tables) {
    for (const row of table.rows) {
      if (row.count === null || row.count < 10) continue;
      const gauge = active.find(({ value, line }) => value!.value === row.count && line !== row.line);
      if (!gauge) continue;
      const crowd = table.rows.find(
        (other) =>
          other !== row &&
          other.count !== null &&
          /listener|handler|callback|subscription/i.test(other.name) &&
          other.count > row.count! * 2,
      );
      claims.push({
        text: `${row.name}: ${digits(row.count)}`,
        line: row.line,
        alsoLines: [gauge.line, ...(crowd ? [crowd.line] : [])],
        verdict: 'contradicted',
        because: `As many instances as are active ("${gauge.name}"): those that ended are collected, and what hangs only on them goes too. That ended ones are kept cannot be the cause.${crowd ? ` ${digits(crowd.count! / row.count)} ${crowd.name} for each live one: repeated additions on one, or a shared emitter.` : ''}`,
        arithmetic: `${digits(row.count)} instances = ${digits(gauge.value!.value)} active${crowd ? `; ${digits(crowd.count!)} / ${digits(row.count)} = ${digits(crowd.count! / row.count)}` : ''}`,
        check: 'live-instances',
      });
    }
  }
  return claims;
}

/** A dump whose count is that of the minute of the kill: it could not have been taken then. */
export function checkSnapshotMoment({ tables, counts, events, memory }: Facts): Claim[] {
  const kills = events.filter(({ kind }) => kind === 'kill');
  const claims: Claim[] = [];
  for (const row of tables.flatMap(({ rows }: SizeTable) => rows)) {
    if (row.count === null || row.count < 50) continue;
    for (const series of counts) {
      const point = series.points.find(({ value }) => value.value === row.count);
      const kill = point && kills.find(({ minute }) => Math.abs(minute - point.minute) <= 1);
      if (!point || !kill) continue;
      const level = memory.points.find(({ minute }) => minute === point.minute);
      claims.push({
        text: `${row.name}: ${digits(row.count)}`,
        line: row.line,
        alsoLines: [point.line, kill.line],
        verdict: 'contradicted',
        because: `The count is that of ${clockText(point.minute)}, the minute of the kill${level && memory.limit ? `, at ${sizeText(level.bytes.value)} of ${sizeText(memory.limit.bytes.value)}` : ''}: a snapshot needs several times the heap and could not have been taken then.`,
        check: 'snapshot-moment',
      });
    }
  }
  return claims;
}

/** What one entry of a collection takes, and how many objects stand for it: questions that the text leaves open. */
export function checkEach({ tables, logs, series, document }: Facts): Claim[] {
  const claims: Claim[] = [];
  for (const row of tables.flatMap(({ rows }) => rows)) {
    for (const { reading, lines } of logs) {
      const pair = reading.expectations.find(({ text }) => likeness(text, row.name) >= 2);
      if (!pair || pair.actual < 10) continue;
      claims.push({
        text: `${row.name}: ${sizeText(row.bytes.value)}`,
        line: row.line,
        alsoLines: [lines[pair.line - 1] ?? 0],
        verdict: 'cannot-tell',
        because: `That is ${sizeText(row.bytes.value / pair.actual)} for each of the ${digits(pair.actual)} ${pair.noun}: what do they hold?`,
        arithmetic: `${sizeText(row.bytes.value)} / ${digits(pair.actual)} = ${sizeText(row.bytes.value / pair.actual)}`,
        check: 'bytes-per-entry',
      });
    }
  }
  for (const [at, line] of document.lines.entries()) {
    const instances = /([\d,]{5,})\s+(?:instances|objects)\b/.exec(line.text);
    const source =
      instances &&
      document.lines
        .slice(at, at + 3)
        .map(({ text }) => text)
        .join(' ');
    if (!instances || !source) continue;
    const growing = series.find(
      (each) => each.dimension === 'count' && each.from === 'log' && likeness(each.name, source) >= 1,
    );
    const count = Number(instances[1]!.replaceAll(',', ''));
    const entries = growing?.points[0]?.value.value ?? 0;
    if (!growing || entries < 10 || count < 3 * entries) continue;
    claims.push({
      text: line.text.trim(),
      line: line.number,
      alsoLines: [growing.points[0]!.line],
      verdict: 'cannot-tell',
      because: `${digits(count / entries)} objects for each of the ${digits(entries)} entries: before all are charged to it, that needs a reason (nested objects?).`,
      arithmetic: `${digits(count)} / ${digits(entries)} = ${digits(count / entries)}`,
      check: 'objects-per-entry',
    });
  }
  return claims;
}

/** A count that starts anew at a restart says when the process began; the stated rate must then fill the limit by the kill. */
export function checkLifeFromCount(facts: Facts): Claim[] {
  const { memory, events, counts } = facts;
  const [stated] = memory.stated;
  const kill = events.find(({ kind }) => kind === 'kill');
  if (!stated || !memory.limit || !kill || memory.overall) return [];
  for (const series of counts) {
    const fresh = series.points.flatMap(({ note, line }) => {
      const match = /\b(?:after|post)[- ]?(?:the )?restart\b\D{0,10}([\d,]+)/i.exec(note);
      return match ? [{ value: Number(match[1]!.replaceAll(',', '')), line }] : [];
    })[0];
    const first = series.points[0]!;
    const perMinute = perHourOf(series) / 60;
    if (!fresh || perMinute <= 0 || fresh.value >= first.value.value) continue;
    const began = first.minute - (first.value.value - fresh.value) / perMinute;
    const life = kill.minute - began;
    const reached = (stated.perHour / 60) * life;
    if (life <= 0 || reached > memory.limit.bytes.value * 0.6) continue;
    return [
      {
        text: stated.statement,
        line: stated.line,
        alsoLines: [first.line, fresh.line, kill.line],
        verdict: 'contradicted',
        because: `By ${nounOf(series)} the process began at about ${clockText(began)} and was killed ${digits(life)} min later; at the stated rate that is ${sizeText(reached)}, not ${sizeText(memory.limit.bytes.value)}.`,
        arithmetic: `(${digits(first.value.value)} − ${digits(fresh.value)}) / ${digits(perMinute)} a minute = ${digits(first.minute - began)} min before ${clockText(first.minute)}\n${sizeText(stated.perHour / 60)}/min × ${digits(life)} min = ${sizeText(reached)}`,
        check: 'life-from-count',
      },
    ];
  }
  return [];
}
