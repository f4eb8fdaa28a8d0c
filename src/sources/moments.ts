import { basename, dirname } from 'node:path';
import { type EvidenceProfile, labelOf } from './evidence.ts';
import { naturalOrder } from './natural-order.ts';

/**
 * Gives profiles that belong to one moment one label. A folder for each moment (`A/`, `B/`, timestamps) says it outright; names in
 * one folder say it by what they begin with (`A-goroutine.txt`, `A-heap.pb.gz`); else each file is a moment of its own kind.
 *
 * @param profiles in order of time
 */
export function inMoments(profiles: readonly EvidenceProfile[]): EvidenceProfile[] {
  const keyOf = momentKey(profiles);
  const keys = [...new Set(profiles.map(keyOf))].sort(naturalOrder);
  return profiles
    .map((profile) => ({ ...profile, label: labelOf(keys.indexOf(keyOf(profile))) }))
    .sort((a, b) => keys.indexOf(keyOf(a)) - keys.indexOf(keyOf(b)));
}

/** Folders that hold one moment each say the order, whatever the files in them are called. */
export function haveFolderEach(profiles: readonly EvidenceProfile[]): boolean {
  const folders = new Set(profiles.map(({ file }) => dirname(file)));
  return folders.size > 1 && folders.size < profiles.length;
}

function momentKey(profiles: readonly EvidenceProfile[]): (profile: EvidenceProfile) => string {
  if (haveFolderEach(profiles)) return ({ file }) => dirname(file);
  const folders = new Set(profiles.map(({ file }) => dirname(file)));
  if (folders.size === profiles.length && profiles.length > 1) {
    // One file in each folder: the folders are the moments, whatever the files are called.
    if (new Set(profiles.map(({ file }) => basename(file))).size === 1) return ({ file }) => dirname(file);
  }
  const prefixOf = ({ file }: EvidenceProfile): string | null =>
    /^(?:([A-Z])[-_.]|(\d{4}-?\d\d-?\d\dT?[\d:-]*Z?)[-_.]|(\d+)[-_.])/.exec(basename(file))?.[0] ?? null;
  const prefixes = profiles.map(prefixOf);
  if (prefixes.every((prefix) => prefix !== null) && new Set(prefixes).size > 1)
    return (profile) => prefixOf(profile)!;
  return ({ file }) => file;
}
