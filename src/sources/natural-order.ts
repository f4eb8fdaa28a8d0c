/** Words that say which of several moments a dump is of. */
const MOMENTS: readonly (readonly string[])[] = [
  ['baseline', 'before', 'start', 'begin', 'first', 'initial'],
  ['target', 'during', 'middle', 'mid'],
  ['final', 'after', 'end', 'last'],
];
const RANK = new Map(MOMENTS.flatMap((words, rank) => words.map((word) => [word, rank] as const)));

/**
 * Compares names as people do: numbers as numbers (`heap-9` before `heap-10`), words that name moments in their order
 * (baseline, target, final), all else by letters.
 */
export function naturalOrder(a: string, b: string): number {
  const left = tokens(a);
  const right = tokens(b);
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const order = compareTokens(left[at]!, right[at]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** True when names differ in numbers, single letters or words for moments only, so that their order means something. */
export function saysOrder(names: readonly string[]): boolean {
  const skeletons = new Set(names.map((name) => tokens(name).map(skeleton).join('')));
  return skeletons.size === 1 && new Set(names).size === names.length;
}

/** The time that a name tells, as `Heap.20240121.101010.4242.0.001.heapsnapshot` (Node.js) or an ISO time does; null if none. */
export function timeInName(name: string): string | null {
  const match =
    /(?<!\d)(20\d\d)[-._]?([01]\d)[-._]?([0-3]\d)[T._ -]?([0-2]\d)[-:._]?([0-5]\d)[-:._]?([0-5]\d)(?!\d)/.exec(
      name,
    );
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function tokens(name: string): string[] {
  return name.toLowerCase().match(/\d+|[a-z]+|[^a-z\d]+/g) ?? [];
}

function compareTokens(a: string, b: string): number {
  if (/^\d/.test(a) && /^\d/.test(b)) {
    const order = BigInt(a) - BigInt(b);
    return order < 0n ? -1 : order > 0n ? 1 : a.length - b.length;
  }
  const left = RANK.get(a);
  const right = RANK.get(b);
  if (left !== undefined && right !== undefined && left !== right) return left - right;
  return a < b ? -1 : a > b ? 1 : 0;
}

function skeleton(token: string): string {
  if (/^\d/.test(token)) return '#';
  return RANK.has(token) || /^[a-z]$/.test(token) ? '?' : token;
}
