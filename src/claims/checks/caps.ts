import { type Quantity, quantitiesOf } from '../../formats/incident-text/quantities.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { digits } from '../figures.ts';
import { agree, exactly } from '../interval.ts';
import type { Track } from '../readings/track.ts';
import { stemsOf } from '../readings/words.ts';

/** How many something may hold at most, as code or configuration sets it. */
interface Cap {
  readonly key: string;
  readonly value: number;
  /** Words of the same line in front of it: `TILES = LRUCache(` → tile, lru, cache. */
  readonly owner: ReadonlySet<string>;
  readonly line: number;
}

const SETS =
  /(?<![\w.$])(?<key>(?:[A-Za-z]\w*?_)?max(?:imum)?(?:[-_]?(?:size|entries|items|keys|length|elements))?|(?:[A-Za-z]\w*?_)?capacity)["']?\s?(?:=|:)\s?(?<number>\d(?:[\d_,]*\d)?)(?![\w.:/-]|\s?(?:%|[kKMG]i?B|ms|s|m|h)\b)/gi;
const NO_OWNER = new Set(
  'new const let var self this final static public private import from option opts config max maximum size entry item key length element capacity and the for with int of'.split(
    ' ',
  ),
);

/** "The LRU allows 50,000 entries" beside `new LRUCache({ max: 20000 })`; a cap that is ignored, or that holds, beside what was counted. */
export function checkCaps({ document, sayings, tracks }: Facts): Claim[] {
  const caps = document.lines.flatMap(({ raw, number }) => capsIn(raw, number));
  if (caps.length === 0) return [];
  const byOwner = new Map<string, Cap[]>();
  for (const cap of caps)
    for (const word of cap.owner) {
      const held = byOwner.get(word);
      if (held) held.push(cap);
      else byOwner.set(word, [cap]);
    }
  return sayings.flatMap(({ text, line }): Claim[] => {
    if (!ABOUT_CAPS.test(text)) return [];
    const said = new Set(stemsOf(text));
    const mine = [...new Set([...said].flatMap((word) => byOwner.get(word) ?? []))].filter(
      (cap) => cap.line !== line,
    );
    // With two of them the sentence may mean either.
    if (mine.length === 0 || new Set(mine.map(({ value }) => value)).size > 1) return [];
    const [cap] = mine;
    const judged = stated(text, cap!, caps) ?? ignored(text, cap!, tracks) ?? kept(text, cap!, tracks);
    return judged ? [{ text, line, check: 'caps', ...judged }] : [];
  });
}

/** Nothing that is not written like a setting: in brackets, assigned, or with a name of capitals. */
function capsIn(raw: string, line: number): Cap[] {
  return [...raw.matchAll(SETS)].flatMap(({ groups, index }) => {
    const { key, number } = groups as Record<string, string>;
    const before = raw.slice(Math.max(0, index - 60), index);
    if (!/[({[`,]\s*["']?$/.test(before) && !/^[A-Z_]+$|_/.test(key!)) return [];
    // "Redis pool: `{ min: 5, max: 50 }`, LRU: …": what stands behind another setting is another thing's.
    const own = before.slice(before.lastIndexOf('}') + 1);
    const owner = new Set(stemsOf(`${own} ${key}`).filter((word) => word.length > 2 && !NO_OWNER.has(word)));
    return [{ key: key!, value: Number(number!.replace(/[_,]/g, '')), owner, line }];
  });
}

/** What each way of speaking of a cap has. */
const ABOUT_CAPS =
  /\b(?:allow|permit|hold|keep|store|cap|limit|bound|max|ignor|exceed|grow|grew|goes|went|can|could|never|stay)/i;

type Judged = Pick<Claim, 'verdict' | 'because' | 'alsoLines'>;

const ALLOWS =
  /\b(?:allows?|permits?|(?:can hold|holds?|keeps?|stores?) (?:at most|up to|no more than)|can hold|(?:is|are|was) (?:capped|limited|bounded) (?:at|to|by)|has an? (?:cap|limit|maximum|max|capacity) of|(?:cap|maximum|max|maxsize|capacity) is(?: set to)?)\s*(?:at most |up to |only )?$/i;

function stated(text: string, cap: Cap, caps: readonly Cap[]): Judged | null {
  const numbers = quantitiesOf(text).filter(
    ({ dimension, start, range }) => dimension === 'count' && !range && ALLOWS.test(text.slice(0, start)),
  );
  const [number] = numbers;
  if (
    numbers.length !== 1 ||
    number!.value < 2 ||
    /\b(?:per|each|every)\b/i.test(text.slice(number!.end, number!.end + 24))
  )
    return null;
  const fits = (value: number): boolean => agree(number as Quantity, exactly(value), 0.005);
  if (!fits(cap.value) && caps.some(({ value }) => fits(value))) return null;
  return {
    verdict: fits(cap.value) ? 'holds' : 'contradicted',
    because: `The text sets \`${cap.key}\` to ${digits(cap.value)}.`,
    alsoLines: [cap.line],
  };
}

function sizesOf({ owner }: Cap, tracks: readonly Track[]): Track[] {
  return tracks.filter(
    ({ dimension, words, name, points }) =>
      dimension === 'count' &&
      points.length >= 3 &&
      !/max|limit|cap|hit|miss|evict|total|request/i.test(name) &&
      words.some((word) => owner.has(word)),
  );
}

const IGNORES =
  /\b(?:ignor(?:es|ed|ing)|exceed(?:s|ed|ing)|(?:grows?|grew|goes|went) (?:past|over|beyond|above))\s(?:its|the)\s(?:own\s)?(?:max\w*|cap|limit|bound|capacity)\b/i;

/** "Ignores its maxsize" where its size stands at exactly that. */
function ignored(text: string, cap: Cap, tracks: readonly Track[]): Judged | null {
  if (!IGNORES.test(text) || /\b(?:not|n't|never|no)\b/i.test(text)) return null;
  const sizes = sizesOf(cap, tracks);
  const [size] = sizes;
  if (sizes.length !== 1 || size!.points.some(({ value }) => value.value !== cap.value)) return null;
  return {
    verdict: 'contradicted',
    because: `"${size!.name}" stands at ${digits(cap.value)} in all ${size!.points.length} values, just what \`${cap.key}\` allows.`,
    alsoLines: [cap.line, size!.points[0]!.line],
  };
}

const KEPT =
  /\b(?:can(?:not|'t| not)|could not|never)\s(?:\w+\s)?(?:grows?|grew|exceed\w*|gets?|goes|be)\s(?:any\s)?(?:larger|bigger|beyond|past|over|above|its (?:cap|limit|max\w*))\b|\bstays? (?:within|below|under) (?:its|the) (?:cap|limit|max\w*)\b/i;

/** "Cannot grow beyond its maxsize" where it is larger. */
function kept(text: string, cap: Cap, tracks: readonly Track[]): Judged | null {
  if (!KEPT.test(text)) return null;
  const sizes = sizesOf(cap, tracks);
  const over = sizes[0]?.points.find(({ value }) => value.low > cap.value * 1.05);
  if (sizes.length !== 1 || !over) return null;
  return {
    verdict: 'contradicted',
    because: `"${sizes[0]!.name}" reached ${digits(over.value.value)}, above the ${digits(cap.value)} of \`${cap.key}\`.`,
    alsoLines: [cap.line, over.line],
  };
}
