import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits, durationText } from '../figures.ts';

const GC = /\b(?:gc|garbage[- ]collect\w*|collector|collections?)\b/i;
const NEVER =
  /\b(?:gc|garbage[- ]collect\w*|collector|collections?)\b[^.;]{0,30}?\b(?:not (?:been )?running|never (?:r[au]n|runs|kicks?|triggers?|happens?|collects?)|(?:has|had) never run|(?:does|did)(?:n't| not) (?:run|kick in|happen)|(?:is|was) (?:disabled|off|turned off|switched off)|isn't (?:running|enabled)|not (?:enabled|run))\b|\bno (?:major |full |minor )?(?:gc|garbage collections?|collections?) (?:ran|runs|happened|took place|was run|at all)\b/i;
const MAJOR = /\b(?:major|full|mark-?(?:compact|sweep))\b/i;
/** `gc.get_count()` of CPython: the second and third number count collections of the generation before. */
const PYTHON_COUNTS = /get_count\(\)[^(]{0,30}\((\d+),\s*(\d+),\s*(\d+)\)/;

interface Seen {
  readonly major: number | null;
  readonly all: number;
  readonly line: number;
  readonly how: string;
}

/** "GC never runs" and "GC ran 126 times" against what the collectors wrote of themselves. */
export function checkCollections(facts: Facts): Claim[] {
  const seen = seenIn(facts);
  if (!seen) return [];
  const claims: Claim[] = [];
  for (const { text, line } of facts.sayings) {
    if (!GC.test(text)) continue;
    const major = MAJOR.test(text);
    const count = major && seen.major !== null ? seen.major : seen.all;
    if (NEVER.test(text)) {
      if (count <= 0 || (major && seen.major === null)) continue;
      claims.push({
        text,
        line,
        alsoLines: [seen.line],
        verdict: 'contradicted',
        because: `It did run: ${seen.how}.`,
        check: 'collections',
      });
      continue;
    }
    const ran =
      /\b(?:gc|garbage collector|collector)\b[^.,;]{0,20}?\bran\s+(?:about\s)?([\d,]+)\s+times/i.exec(text);
    if (!ran) continue;
    const stated = Number(ran[1]!.replaceAll(',', ''));
    const holds = [seen.all, seen.major].some(
      (each) => each !== null && Math.abs(each - stated) <= 0.02 * each,
    );
    claims.push({
      text,
      line,
      alsoLines: [seen.line],
      verdict: holds ? 'holds' : 'contradicted',
      because: `The counters say: ${seen.how}.`,
      check: 'collections',
    });
  }
  return [...claims, ...shareOfTime(facts)];
}

function seenIn({ tracks, document }: Facts): Seen | null {
  const traced = tracks.filter(({ name }) => /^(?:major gc|gc) pause$|^heap after gc$/.test(name));
  if (traced.length > 0) {
    const [track] = traced.toSorted((a, b) => b.points.length - a.points.length);
    const count = track!.points.length;
    return {
      major: count,
      all: count,
      line: track!.points[0]!.line,
      how: `the text shows ${count === 1 ? 'one collection' : `${count} collections`}`,
    };
  }
  const counted = (name: string): { delta: number; line: number; ends: number[] } | null => {
    const track = tracks.find((each) => each.name === name);
    if (!track) return null;
    const values = track.points.map(({ value }) => value.value);
    return {
      delta: values.length > 1 ? values.at(-1)! - values[0]! : values[0]!,
      line: track.points.at(-1)!.line,
      ends: values.length > 1 ? [values[0]!, values.at(-1)!] : [0, values[0]!],
    };
  };
  const [major, all] = [counted('major_gc_count'), counted('count')];
  const best = all ?? major;
  if (best && (major || tracks.some(({ name }) => /^heap_|minor_gc_count/.test(name)))) {
    const shown = [
      ...(all ? [`count ${all.ends.map(digits).join(' → ')}`] : []),
      ...(major ? [`major_gc_count ${major.ends.map(digits).join(' → ')}`] : []),
    ];
    return { major: major?.delta ?? null, all: best.delta, line: best.line, how: shown.join(', ') };
  }
  for (const { raw, number } of document.lines) {
    const counts = PYTHON_COUNTS.exec(raw);
    if (counts && Number(counts[2]) + Number(counts[3]) > 0)
      return {
        major: Number(counts[3]),
        all: Number(counts[2]) + Number(counts[3]),
        line: number,
        how: `the second and third count (${counts[2]}, ${counts[3]}) only go up when a younger generation is collected`,
      };
  }
  return null;
}

/** "GC takes 10 % of the time (the process is 8 h old)" against the collector's own clock. */
function shareOfTime({ sayings, tracks }: Facts): Claim[] {
  const spent = tracks.find(({ name }) => name === 'time' && tracks.some((each) => each.name === 'count'));
  if (spent?.points.length !== 1) return [];
  const milliseconds = spent.points[0]!.value.value;
  return sayings.flatMap(({ text, line }) => {
    if (!/\bgc\b[^.]{0,20}\b(?:takes?|took|costs?|spends?|is)\b/i.test(text)) return [];
    const found = quantitiesOf(text);
    const percent = found.find(({ dimension }) => dimension === 'percent');
    const age = found.find(({ dimension }) => dimension === 'time');
    if (!percent || !age || !/\b(?:old|uptime|up for|since|running)\b/i.test(text)) return [];
    const share = (milliseconds / age.value) * 100;
    const holds = share <= percent.high * 1.5 && share >= percent.low / 1.5;
    return [
      {
        text,
        line,
        alsoLines: [spent.points[0]!.line],
        verdict: holds ? ('holds' as const) : ('contradicted' as const),
        because: `Its own clock says ${durationText(milliseconds / 60_000)} in ${durationText(age.value / 60_000)}.`,
        arithmetic: `${digits(milliseconds)} ms / ${digits(age.value)} ms = ${digits(share)} %`,
        check: 'collections',
      },
    ];
  });
}
