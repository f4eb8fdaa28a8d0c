import { grouped } from '../../base/grouped.ts';
import { quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits } from '../figures.ts';
import { stemsOf } from '../readings/words.ts';

/** A number that code or configuration in the text sets. */
interface Setting {
  readonly key: string;
  readonly words: readonly string[];
  readonly value: number;
  readonly line: number;
}

const SETS =
  /(?<![\w.$])(?<key>[A-Za-z_][\w-]*)["']?\s*(?:=|:)\s*(?<number>\d[\d_,]*)(?!\s?(?:ms|s|m|h|%|[kKMG]i?B)\b)(?![\w.:/-])/g;
const IS_SETTING =
  /max|min|limit|size|pool|cap(?:acity)?|concurrency|workers|threads|sockets|conns?|connections|entries|backlog|queue/i;
const MAX = /^(?:max|maximum|cap|limit)$/;

/** "The pool's maximum is 20" beside `MaxConns: 40`; "the cap of 50,000 works" beside 178,910 entries. */
export function checkSettings(facts: Facts): Claim[] {
  const settings = distinctSettings(settingsOf(facts));
  const claims: Claim[] = [];
  for (const { text, line } of facts.sayings) {
    claims.push(...capped(text, line, facts));
    const numbers = settings.length > 0 ? statedIn(text) : [];
    if (numbers.length === 0) continue;
    for (const setting of settings) {
      const stated = statedFor(numbers, setting);
      if (stated === null || setting.line === line) continue;
      const holds = Math.abs(stated - setting.value) <= 0.005 * setting.value;
      claims.push({
        text,
        line,
        alsoLines: [setting.line],
        verdict: holds ? 'holds' : 'contradicted',
        because: `The text sets \`${setting.key}\` to ${digits(setting.value)}.`,
        check: 'settings',
      });
      break;
    }
  }
  return claims;
}

/** Each key once; where the text has other values of the same key, any may be meant, and it is left out. */
function distinctSettings(all: readonly Setting[]): Setting[] {
  return grouped(all, ({ words }) => words.join()).flatMap((same) =>
    same.some(({ value }) => value !== same[0]!.value) ? [] : same.slice(0, 2),
  );
}

function settingsOf({ document, tracks }: Facts): Setting[] {
  const found: Setting[] = [];
  for (const { raw, number, kind } of document.lines) {
    // In prose only what is written like a setting: MaxConns: 40, maxsize=10_000.
    for (const { groups } of raw.matchAll(SETS)) {
      const { key, number: digitsOf } = groups as Record<string, string>;
      if (
        !IS_SETTING.test(key!) ||
        (kind !== 'code' && !/[a-z][A-Z]|_|=/.test(`${key}${raw.includes(`${key}=`) ? '=' : ''}`))
      )
        continue;
      if (/^\W*[[{]?["']?(?:t|ts|time|level|\d{4}-)/.test(raw)) continue;
      found.push({
        key: key!,
        words: stemsOf(key!),
        value: Number(digitsOf!.replace(/[_,]/g, '')),
        line: number,
      });
    }
  }
  // A key of log lines whose value never changes and says max is a setting, too.
  for (const { name, words, points, dimension } of tracks)
    if (
      dimension === 'count' &&
      /max|limit|capacity/i.test(name) &&
      points.length >= 2 &&
      points.every(({ value }) => value.value === points[0]!.value.value)
    )
      found.push({ key: name, words, value: points[0]!.value.value, line: points[0]!.line });
  return found;
}

/** A number that a sentence gives to something: "max is 20", "maxsize of 100,000", "allows 500 sockets". */
interface Stated {
  readonly value: number;
  /** From the subject to the number. */
  readonly link: string;
  readonly subject: ReadonlySet<string>;
}

const LINK =
  /(?:[\w-]+\s+){0,5}[\w-]+\s*(?:is|was|are|=|:|of|to|at|allows?|has|permits?)\s*(?:set to |only |about |up to )?\s*$/i;

function statedIn(text: string): Stated[] {
  return quantitiesOf(text)
    .filter(({ dimension, range, bound }) => dimension === 'count' && !range && bound === null)
    .flatMap(({ value, start, end, unit }) => {
      if (/^\s*(?:%|per\b|\/)/.test(text.slice(end))) return [];
      const words = text
        .slice(Math.max(0, start - 80), start)
        .split(/(?<=\s)/)
        .slice(-7)
        .join('');
      const link = LINK.exec(words)?.[0];
      if (link === undefined) return [];
      const subject = new Set(stemsOf(`${link} ${unit}`));
      if (/\b(?:allows?|permits?)\b/i.test(link)) subject.add('max');
      return [{ value, link: link.toLowerCase(), subject }];
    });
}

function statedFor(stated: readonly Stated[], { words, key }: Setting): number | null {
  for (const { value, link, subject } of stated) {
    const at = link.lastIndexOf(key.toLowerCase());
    if (at !== -1 && /^[^\w-]/.test(link.slice(at + key.length)) && !/[\w-]$/.test(link.slice(0, at))) {
      if (/^(?:\s|is|was|=|:|of|to|at|set)*$/.test(link.slice(at + key.length))) return value;
      continue;
    }
    const synonym = [...subject].some((word) => MAX.test(word));
    const all = words.every((word) => subject.has(word) || (MAX.test(word) && synonym));
    if (all && words.length > 1 && words.some((word) => MAX.test(word))) return value;
  }
  return null;
}

const CAP = /\b(?:cap|limit|maximum|max|bound|capacity)\s*(?:of|is|=|:)?\s*$/i;
const KEPT =
  /\b(?:works?|holds?|respected|enforced|obeyed|kept|effective|within|bounded|never (?:reached|exceeded|passed)|not exceeded)\b/i;

/** A cap that is said to work, and a level above it; a maximum that is said never to be reached, and a log that has it reached. */
function capped(text: string, line: number, { tracks }: Facts): Claim[] {
  if (!KEPT.test(text) || /\b(?:not|n't) (?:work|hold|respected|enforced)/i.test(text)) return [];
  const cap = quantitiesOf(text).find(
    ({ dimension, start }) => dimension === 'count' && CAP.test(text.slice(0, start)),
  );
  const said = new Set(stemsOf(text));
  if (cap) {
    const noun = stemsOf(cap.unit)[0];
    const over = tracks
      .filter(
        ({ dimension, name, words }) =>
          dimension === 'count' &&
          (words.some((word) => word.length > 3 && said.has(word)) ||
            (noun !== undefined && stemsOf(name).includes(noun))),
      )
      .flatMap(({ name, points }) => points.map((point) => ({ name, point })))
      .filter(({ point }) => point.value.value > cap.value * 1.05);
    // "64 sockets, within the maximum of 50" needs no other line.
    const own = quantitiesOf(text).find(
      (each) =>
        each.dimension === 'count' &&
        each.start !== cap.start &&
        each.value > cap.value * 1.02 &&
        each.bound === null,
    );
    if (own && /\bwithin\b|\bnot exceeded\b|\bnever exceed/i.test(text.slice(own.end)))
      return [
        {
          text,
          line,
          verdict: 'contradicted',
          because: `${digits(own.value)} is more than ${digits(cap.value)}.`,
          check: 'settings',
        },
      ];
    if (over.length === 0) return [];
    const most = over.reduce((a, b) => (b.point.value.value > a.point.value.value ? b : a));
    return [
      {
        text,
        line,
        alsoLines: [most.point.line],
        verdict: 'contradicted',
        because: `"${most.name}" reached ${digits(most.point.value.value)}, above ${digits(cap.value)}.`,
        check: 'settings',
      },
    ];
  }
  if (
    !/\bnever (?:reached|hit|exhausted)|\bwas not exhausted\b/i.test(text) ||
    !/\bmax\w*|\blimit\b|\bexhausted\b/i.test(text) ||
    !/\bpool|connections?|queue|slots?\b/i.test(text)
  )
    return [];
  const max = tracks.find(({ name, dimension }) => dimension === 'count' && /^max/i.test(name));
  const used = tracks.filter(
    ({ name, dimension }) => dimension === 'count' && /acquired|in_?use|active|busy|used|checked/i.test(name),
  );
  for (const track of max ? used : [])
    for (const point of track.points) {
      const limit = max!.points.find((each) => each.line === point.line)?.value.value;
      if (limit !== undefined && point.value.value >= limit)
        return [
          {
            text,
            line,
            alsoLines: [point.line],
            verdict: 'contradicted',
            because: `Line ${point.line} has ${track.name} ${digits(point.value.value)} of ${max!.name} ${digits(limit)}.`,
            check: 'settings',
          },
        ];
    }
  return [];
}
