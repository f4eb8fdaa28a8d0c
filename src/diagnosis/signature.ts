import type { Census } from '../analysis/census.ts';
import { gain } from '../base/gain.ts';
import { authorOf } from './authorship.ts';
import type { GrowthGroup, SampledSite } from './groups.ts';

/** So many named references above the members tell one place from another; those before depend on chance. */
const NAMED_STEPS = 4;
/** How a runtime gets to a program's own names differs by its version, and the path of a file by host. */
const MODULE_STEP = /^\.(?:exports|module|.*[\\/].*)$/;

/**
 * A name for a bug that stays the same over dumps, hosts and releases: a hash of the runtime, the pattern and the
 * named references from the owner to the members. Ids, indexes, positions and folders above the package are left out.
 */
export function signatureOf(parts: readonly string[]): string {
  return fnv1a64(parts.join('\n'));
}

/**
 * The named references that lead to the members of each group, and what the members are. In an order of their own:
 * which of two events gained a few bytes more is chance.
 */
export function partsOfCause(census: Census, groups: readonly GrowthGroup[]): string[] {
  return groups.map((group) => partOf(census, group)).sort();
}

function partOf(census: Census, { sites, own }: GrowthGroup): string {
  const most = Math.max(0, ...sites.map(({ objects }) => gain(objects)));
  const main = sites.filter(({ objects, label }) => label !== '[key]' && gain(objects) * 2 >= most);
  const texts = (main.length > 0 ? main : sites).map((site) =>
    [...namedReferences(census, site.place), memberOf(site)].join(' '),
  );
  return texts.sort()[0] ?? namedReferences(census, own[0]!.place).join(' ');
}

function namedReferences(census: Census, place: number): string[] {
  const steps = census.trie.pathTo(place);
  const isWayIn = (step: number): boolean => {
    const { category, location } = census.shapeOf(step);
    if (MODULE_STEP.test(census.labelOf(step))) return true;
    return category === 'closure' && step !== place && authorOf(location?.file ?? null) === 'runtime';
  };
  const labels = steps.slice(steps.findLastIndex(isWayIn) + 1).map((step) => census.labelOf(step));
  return labels.filter((label) => /^[.$]/.test(label)).slice(-NAMED_STEPS);
}

/** The class of a member; of a function also its file, without the folders that differ from host to host. */
function memberOf({ shape }: SampledSite): string {
  const file = shape.category === 'closure' ? (shape.location?.file.split(/[\\/]/).pop() ?? '') : '';
  return `${shape.text} ${file}`;
}

/** FNV-1a, 64 bits (Fowler, Noll, Vo; RFC draft-eastlake-fnv), as 16 hex digits. No secret hangs on it. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
