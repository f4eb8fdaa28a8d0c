import { grouped } from '../../base/grouped.ts';
import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, durationText, sizeText } from '../figures.ts';
import { agree } from '../interval.ts';
import { levelAt, minutesIn } from '../window.ts';

const HEADER =
  /^\s*goroutine (\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[([^\],]+)(?:, (\d+) minutes?)?(?:, locked to thread)?\]:/;
const PPROF_TOTAL = /Showing nodes accounting for ([\d.]+\s?[kMGT]?B), [\d.]+% of ([\d.]+\s?[kMGT]?B) total/;
const PPROF_ROW = /^\s*[\d.]+\s?[kMGT]?B?\s+([\d.]+)%\s+[\d.]+%\s+[\d.]+\s?[kMGT]?B?\s+([\d.]+)%\s+(\S.*)$/;
const KILLED = /Killed process (\d+),? \(([^)]+)\)/;
const INVOKED = /(\S+) invoked oom-killer/;

/** What dumps and logs that are quoted say, against what the text says of them. */
export function checkDumpFacts(facts: Facts): Claim[] {
  return [
    ...waits(facts),
    ...profileTotals(facts),
    ...victims(facts),
    ...expressions(facts),
    ...swap(facts),
    ...listenerWarnings(facts),
  ];
}

/** "None has waited longer than ten minutes" beside `[chan receive, 287 minutes]`. */
function waits({ document, sayings }: Facts): Claim[] {
  const headers = document.lines.flatMap(({ raw, number }) => {
    const match = HEADER.exec(raw);
    return match && match[3] !== undefined
      ? [{ minutes: Number(match[3]), line: number, state: match[2]! }]
      : [];
  });
  if (headers.length === 0) return [];
  const [least, most] = [
    headers.reduce((a, b) => (b.minutes < a.minutes ? b : a)),
    headers.reduce((a, b) => (b.minutes > a.minutes ? b : a)),
  ];
  return sayings.flatMap(({ text, line }) => {
    if (!/\b(?:wait\w*|block\w*|stuck|parked|hang\w*|hung)\b/i.test(text)) return [];
    const duration = quantitiesOf(
      text.replace(/\ba minute\b/gi, 'one minute').replace(/\ban hour\b/gi, 'one hour'),
    ).find(({ dimension }) => dimension === 'time');
    if (!duration) return [];
    const minutes = duration.value / 60_000;
    const none = /\b(?:none|no goroutine|not one|nobody|never)\b/i.test(text);
    const all = /\b(?:all|every|each|they|the (?:blocked )?goroutines)\b/i.test(text);
    const longer =
      /\b(?:longer|more|over|above|at least|older) than\b|\bover\b|\bmore than\b|\bat least\b/i.test(text);
    const shorter = /\b(?:less|shorter|under|fewer|below) than\b|\bunder\b|\bat most\b/i.test(text);
    const atMost = (none && longer) || (all && shorter && !none);
    const atLeast = all && longer && !none;
    if (!atMost && !atLeast) return [];
    const witness = atMost ? most : least;
    const wrong = atMost ? most.minutes > minutes : least.minutes < minutes * 0.9;
    // A dump that was shortened shows that some do, never that all do.
    if (!wrong) return [];
    return [
      {
        text,
        line,
        alsoLines: [witness.line],
        verdict: 'contradicted' as const,
        because: `The dump has one in "${witness.state}" for ${durationText(witness.minutes)}.`,
        check: 'dump-facts',
      },
    ];
  });
}

/** "The profile accounts for 512 MB" beside "of 230.20MB total", and the share of one function. */
function profileTotals({ document, sayings }: Facts): Claim[] {
  const totals = document.lines.flatMap(({ raw, number }) => {
    const match = PPROF_TOTAL.exec(raw);
    const sizes = match ? [match[1]!, match[2]!].map((each) => quantitiesOf(each.replace(/ /g, ''))[0]!) : [];
    return sizes.length === 2 && sizes.every(Boolean)
      ? [{ shown: sizes[0]!, total: sizes[1]!, line: number }]
      : [];
  });
  const claims: Claim[] = [];
  const rows = document.lines.flatMap(({ raw, number }) => {
    const match = PPROF_ROW.exec(raw);
    const name = match?.[3]?.split('/').at(-1) ?? '';
    return match
      ? [
          {
            flat: Number(match[1]),
            cum: Number(match[2]),
            last: name.split('.').at(-1)!.replace(/\W/g, ''),
            line: number,
          },
        ]
      : [];
  });
  const byName = new Map(grouped(rows, ({ last }) => last).map((same) => [same[0]!.last, same]));
  for (const { text, line } of sayings) {
    const sizes = quantitiesOf(text).filter(({ dimension }) => dimension === 'bytes');
    if (
      totals.length === 1 &&
      sizes.length === 1 &&
      /\b(?:heap )?(?:profile|pprof)\b[^.]{0,20}\b(?:accounts? for|shows?|totals?|sums? up to|has|holds|sees|explains)\b/i.test(
        text,
      )
    ) {
      const [{ shown, total, line: at }] = totals as [(typeof totals)[0]];
      const [size] = sizes;
      const mib = [shown, total].flatMap((each) => [
        each,
        { low: each.low * 1.048_576, value: each.value * 1.048_576, high: each.high * 1.048_576 },
      ]);
      const holds = mib.some((each) => agree(each, size!, 0.03)) || rows.length === 0;
      if (!holds && /\b[A-Z]\w+\.\w+|\(\*?\w+\)/.test(text)) continue;
      claims.push({
        text,
        line,
        alsoLines: [at],
        verdict: holds ? 'holds' : 'contradicted',
        because: `The profile shows ${sizeText(shown.value)} of ${sizeText(total.value)} in total.`,
        check: 'dump-facts',
      });
    }
    const percent = quantitiesOf(text).filter(({ dimension }) => dimension === 'percent');
    // "Put accounts for 40 % of the heap, Unmarshal for the rest": who stands in front of the figure.
    const inFront = percent.length === 1 ? rowsIn(text.slice(0, percent[0]!.start), byName) : [];
    const named = percent.length === 1 && inFront.length === 0 ? rowsIn(text, byName) : inFront;
    if (
      named.length === 1 &&
      /\bof (?:the |all )?(?:heap|profile|in-?use|alloc\w*|memory in the profile)\b/i.test(text)
    ) {
      const [row] = named;
      const holds = [row!.flat, row!.cum].some(
        (each) =>
          Math.abs(each - percent[0]!.value) <= 1.5 ||
          agree(percent[0]!, { low: each, value: each, high: each }, 0.02),
      );
      claims.push({
        text,
        line,
        alsoLines: [row!.line],
        verdict: holds ? 'holds' : 'contradicted',
        because: `The profile has ${digits(row!.flat)} % flat and ${digits(row!.cum)} % with what it calls.`,
        check: 'dump-facts',
      });
    }
  }
  return claims;
}

function rowsIn<T>(text: string, byName: ReadonlyMap<string, readonly T[]>): T[] {
  const words = [...new Set(text.split(/\W+/))].filter((word) => word.length > 2);
  return words.flatMap((word) => byName.get(word) ?? []);
}

/** "The OOM killer killed a worker" beside `Killed process 1990 (clamd)`: who asks for memory last is not who is killed. */
function victims({ document, sayings }: Facts): Claim[] {
  const killed = document.lines.flatMap(({ raw, number }) => {
    const match = KILLED.exec(raw);
    return match ? [{ pid: match[1]!, name: match[2]!, line: number }] : [];
  });
  const invoked = new Set(document.lines.flatMap(({ raw }) => INVOKED.exec(raw)?.[1] ?? []));
  if (killed.length === 0) return [];
  return sayings.flatMap(({ text, line }) => {
    if (!/\bOOM[- ]?killer\b[^.]{0,20}\bkill\w*|\bkilled by (?:the )?OOM|\bOOM-?killed\b/i.test(text))
      return [];
    const says = (name: string): boolean =>
      new RegExp(`(?<![\\w-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w])`, 'i').test(text);
    if (killed.some(({ name, pid }) => says(name) || says(pid))) return [];
    const wrong = [...invoked].find((name) => says(name));
    if (wrong === undefined) return [];
    return [
      {
        text,
        line,
        alsoLines: [killed[0]!.line],
        verdict: 'contradicted' as const,
        because: `The kernel killed ${killed.map(({ name, pid }) => `${name} (${pid})`).join(', ')}; ${wrong} only asked for the memory that was not there.`,
        check: 'dump-facts',
      },
    ];
  });
}

const EXPR = /^\s*expr:.*?[<>]=?\s*(0?\.\d+|\d+(?:\.\d+)?)\s*$/;

/** "The alert fires at 90 %" beside `expr: … > 0.85`. */
function expressions({ document, sayings }: Facts): Claim[] {
  const rules = document.lines.flatMap(({ raw, number }) => {
    const match = EXPR.exec(raw);
    const value = match ? Number(match[1]) : Number.NaN;
    return match && /limit|\/|ratio|percent|share/i.test(raw) && value <= 1.5
      ? [{ percent: value * 100, line: number }]
      : [];
  });
  if (rules.length !== 1) return [];
  return sayings.flatMap(({ text, line }) => {
    const match =
      /\b(?:alert|rule|page|monitor)\b[^.;,]{0,20}\b(?:fires?|triggers?|is set|pages?|threshold is)\s*(?:at|above|over|from|to)?\s*(\d+(?:\.\d+)?)\s?%/i.exec(
        text,
      );
    if (!match) return [];
    const holds = Math.abs(Number(match[1]) - rules[0]!.percent) < 0.6;
    return [
      {
        text,
        line,
        alsoLines: [rules[0]!.line],
        verdict: holds ? ('holds' as const) : ('contradicted' as const),
        because: `Its expression compares with ${digits(rules[0]!.percent)} %.`,
        check: 'dump-facts',
      },
    ];
  });
}

/** "It was swapping" beside `Swap: 2047 0 2047`. */
function swap({ tracks, sayings, clock }: Facts): Claim[] {
  const track = tracks.find(
    ({ name, dimension }) => dimension === 'bytes' && /swap/i.test(name) && !/total|free/i.test(name),
  );
  if (!track) return [];
  return sayings.flatMap(({ text, line }) => {
    if (
      !/\b(?:was|is|were|started|already)\b[^.]{0,12}\b(?:swapping|in swap|using swap)\b/i.test(text) ||
      /\b(?:not|n't)\b/i.test(text)
    )
      return [];
    const minutes = minutesIn(text, clock, track);
    const first =
      /\b(?:very first|from the (?:start|beginning)|first sample|at the (?:start|beginning))\b/i.test(text);
    const at =
      minutes.length === 1
        ? levelAt(track, minutes[0]!)
        : first
          ? { value: track.points[0]!.value, lines: [track.points[0]!.line] }
          : null;
    if (!at || at.value.high > 1024 * 1024) return [];
    return [
      {
        text,
        line,
        alsoLines: at.lines,
        verdict: 'contradicted' as const,
        because: 'At that time no swap was used.',
        check: 'dump-facts',
      },
    ];
  });
}

const LISTENERS = /memory leak detected\. (\d+) (\S+) listeners added/;

/** "The warning shows 1,100 listeners" beside Node's own `11 drain listeners added`. */
function listenerWarnings({ document, sayings }: Facts): Claim[] {
  const warned = document.lines.flatMap(({ raw, number }) => {
    const match = LISTENERS.exec(raw);
    return match ? [{ count: Number(match[1]), line: number }] : [];
  });
  if (warned.length === 0) return [];
  return sayings.flatMap(({ text, line }) => {
    if (!/\bwarning\b/i.test(text)) return [];
    const stated = quantitiesOf(text).find(
      ({ dimension, unit }) => dimension === 'count' && /\blisteners?\b/.test(unit),
    );
    if (!stated) return [];
    const holds = warned.some(({ count }) => agree(stated, { low: count, value: count, high: count }, 0.02));
    return [
      {
        text,
        line,
        alsoLines: warned.slice(0, 20).map((each) => each.line),
        verdict: holds ? ('holds' as const) : ('contradicted' as const),
        because: `It shows ${[...new Set(warned.map(({ count }) => count))].join(', ')}: the warning comes once, when the limit (10 by default) is first passed, and says nothing of how many there are now.`,
        check: 'dump-facts',
      },
    ];
  });
}
