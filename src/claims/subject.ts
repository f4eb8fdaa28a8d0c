import type { Dimension } from '../formats/incident-text/quantities.ts';
import type { Track } from './readings/track.ts';
import { stemsOf } from './readings/words.ts';

/** What kind of memory a name means; null for what is none. */
export type MemoryKind = 'resident' | 'heap' | 'heap-reserved';

const RESIDENT = /^(?:rss|resident|memory|mem|ram|footprint|pss|uss)$/;
const GENERIC = new Set(
  'total count number size value current used use usage the of in and per a byte mb mib kb gb gib kib mi by cumulated'.split(
    ' ',
  ),
);

export function memoryKindOf(words: readonly string[]): MemoryKind | null {
  const known = kinds.get(words);
  if (known !== undefined) return known;
  const kind = readKind(words);
  kinds.set(words, kind);
  return kind;
}

/** The tracks of memory that have so many values at known times. */
export function memoryOverTime(tracks: readonly Track[], leastPoints: number = 2): Track[] {
  return tracks.filter(
    ({ dimension, words, points }) =>
      dimension === 'bytes' &&
      memoryKindOf(words) !== null &&
      points.length >= leastPoints &&
      Number.isFinite(points[0]!.minute),
  );
}

/** Every sentence asks for the kind of every track. */
const kinds = new WeakMap<readonly string[], MemoryKind | null>();

function readKind(words: readonly string[]): MemoryKind | null {
  const all = words.join(' ');
  if (/\bheap\b/.test(all))
    return /\b(?:total|sys|committed|reserved|idle)\b/.test(all) ? 'heap-reserved' : 'heap';
  if (words.some((word) => RESIDENT.test(word)) || /\bworking set\b/.test(all)) return 'resident';
  return null;
}

/**
 * Which of the metrics a sentence speaks of, all that fit equally well. None, or more than one: better silent than wrong.
 *
 * @param dimensions what the metric may measure
 * @param loose true: bytes without a name are the service's memory when the text has only one
 */
export function tracksNamed(
  text: string,
  tracks: readonly Track[],
  dimensions: readonly Dimension[],
  loose = false,
): Track[] {
  const lower = ` ${text.toLowerCase()} `;
  const said = new Set(stemsOf(text));
  const kind = saidKind(text);
  const called = aliasesIn(lower, tracks);
  const scored = tracks
    .filter(({ dimension, points }) => dimensions.includes(dimension) && points.length >= 2)
    .map((track) => ({
      track,
      score: scoreOf(track, said, kind, loose),
      whose: whoseOf(track, lower, called),
    }))
    .filter(({ score, whose }) => score > 0 && whose !== 'another');
  const named = scored.filter(({ whose }) => whose === 'named');
  const fitting = named.length > 0 ? named : scored;
  const best = Math.max(0, ...fitting.map(({ score }) => score));
  return fitting.filter(({ score }) => score === best).map(({ track }) => track);
}

/** Memory that is not the process's own. */
const ANOTHER =
  /\b(?:gpu|video|graphics?|shared|swap|disk|cpu|database|redis|off-heap|native|virtual)[- ](?:memory|mem|ram|usage)\b|\bvram\b/gi;
const KINDS: readonly [MemoryKind | 'any', RegExp][] = [
  ['heap', /\bheap(?!\s*(?:dump|snapshot|profile)\b)|heapUsed|heap_inuse/i],
  ['resident', /rss\b|\b(?:resident|working[- ]set)\b/i],
  ['any', /\b(?:memory|mem|ram|footprint|usage)\b/i],
];

/** The kind of memory that is named first; of several the subject. 'other' is memory of something else. */
function saidKind(text: string): MemoryKind | 'any' | 'other' | null {
  const own = text.replace(ANOTHER, (hit) => ' '.repeat(hit.length));
  const found = KINDS.map(([kind, form]) => ({ kind, at: own.search(form) })).filter(({ at }) => at !== -1);
  if (found.length === 0) return own === text ? null : 'other';
  return found.reduce((a, b) => (b.at < a.at ? b : a)).kind;
}

function scoreOf(
  track: Track,
  said: ReadonlySet<string>,
  kind: ReturnType<typeof saidKind>,
  loose: boolean,
): number {
  const mine = memoryKindOf(track.words);
  if (mine !== null && track.dimension === 'bytes') {
    if (kind === mine) return 3;
    // "Memory" is first of all what the system counts.
    if (kind === 'any' || (kind === null && loose)) return mine === 'resident' ? 2 : mine === 'heap' ? 1 : 0;
    return kind === 'heap' && mine === 'resident' && track.words.join() === 'memory' ? 1 : 0;
  }
  const words = track.words.filter((word) => !GENERIC.has(word) && word.length > 1);
  const hits = words.filter((word) => said.has(word)).length;
  // Half of a long name may be left unsaid, not more.
  return words.length > 0 && hits * 2 >= words.length ? 2 + hits : 0;
}

/** Whether the sentence names the track's thing, another one of the same kind, or none. */
function whoseOf(track: Track, lower: string, called: ReadonlySet<string>): 'named' | 'another' | 'unsaid' {
  if (track.aliases.some((alias) => called.has(alias))) return 'named';
  if (called.size > 0) return 'another';
  // "worker 3", "pod-7": something that has no numbers here.
  return /\b(?:pod|worker|container|replica|instance|node|host|dyno)s?(?:[- #]\d+|\d+|-[a-z\d]+)\b(?!\s*(?:of|out))/.test(
    lower,
  ) && track.entity !== ''
    ? 'another'
    : 'unsaid';
}

/** The names of things that a sentence says. */
function aliasesIn(lower: string, tracks: readonly Track[]): Set<string> {
  const called = new Set<string>();
  for (const { aliases } of tracks)
    for (const alias of aliases) {
      if (called.has(alias) || !lower.includes(alias)) continue;
      const escaped = alias.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      if (new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`).test(lower)) called.add(alias);
    }
  return called;
}
