import type { GoFrame, GoroutineDump } from '../../model/goroutines.ts';

/** Why two dumps cannot be of one process; null when nothing speaks against it. `earlier` was taken before `later`. */
export function differentProcess(earlier: GoroutineDump, later: GoroutineDump): string | null {
  const build = otherBuild(earlier, later);
  if (build !== null) return build;
  return otherOrigins(earlier, later) ?? idsAnew(earlier, later);
}

/** The same `go` statement at another instruction offset is another compilation. */
function otherBuild(a: GoroutineDump, b: GoroutineDump): string | null {
  const offsets = new Map(
    a.creations.map((site) => [`${site.function} ${site.file}:${site.line}`, site.pcOffset]),
  );
  let same = 0;
  let other = 0;
  for (const site of b.creations) {
    const offset = offsets.get(`${site.function} ${site.file}:${site.line}`);
    if (offset === undefined || offset < 0 || site.pcOffset < 0) continue;
    if (offset === site.pcOffset) same++;
    else other++;
  }
  return other > same && other > 0
    ? `they are of different builds: ${other} of ${same + other} \`go\` statements that both have were compiled differently`
    : null;
}

/**
 * An id that both have must have been started by the same statement in the same goroutine. Low ids agree in every run of a
 * program, so that only those count that the two do not share by their order of start.
 */
function otherOrigins(a: GoroutineDump, b: GoroutineDump): string | null {
  const rows = new Map<number, number>();
  for (let row = 0; row < a.count; row++) rows.set(a.id[row]!, row);
  const sites = a.creations.map(siteOf);
  const names = b.creations.map(siteOf);
  let common = 0;
  let differ = 0;
  for (let row = 0; row < b.count; row++) {
    const before = rows.get(b.id[row]!);
    if (before === undefined) continue;
    common++;
    if (a.creatorId[before] !== b.creatorId[row] || sites[a.creation[before]!] !== names[b.creation[row]!])
      differ++;
  }
  // One id that changed its origin is proof; a few may be misprints of a damaged text.
  return differ > 0 && differ * 10 >= common
    ? `${differ} of ${common} goroutine ids that both have were started by something else`
    : null;
}

/** The scheduler takes ids in batches of so many for each processor (`_GoidCacheBatch`) and hands them out in order. */
const ID_BATCH = 16;
/** So many batches must contradict: threads of C code take single ids and shift the batches behind them. */
const LEAST_CONTRADICTIONS = 3;
/** No machine has so many processors that each could hold back a batch from long ago. */
const MAX_OLD_BATCHES = 256;

/**
 * Ids are never given twice, and those of one batch are given in order: an id that is new in the later dump and smaller than one of
 * its batch that lived in the earlier dump cannot be of the same process. The highest id alone tells nothing: a processor that was
 * idle may still hand out very old ids, and the newest goroutines may have ended. Where batches begin is not known, so that
 * every beginning must be contradicted.
 */
function idsAnew(earlier: GoroutineDump, later: GoroutineDump): string | null {
  if (earlier.cut !== null || earlier.unreadable !== null) return null;
  const known = new Set(earlier.id);
  // The runtime's own goroutines are in crashes only.
  const own = later.creations.map(({ function: name }) => /^(?:runtime\.|$)/.test(name));
  const fresh: number[] = [];
  for (let row = 0; row < later.count; row++) {
    if (!own[later.creation[row]!] && !known.has(later.id[row]!)) fresh.push(later.id[row]!);
  }
  const top = earlier.id.reduce((max, id) => Math.max(max, id), 0);
  // Only what lies among the earlier ids can contradict them.
  const low = fresh.filter((id) => id < top);
  if (low.length < LEAST_CONTRADICTIONS) return null;
  let least = Number.POSITIVE_INFINITY;
  let old = 0;
  for (let shift = 0; shift < ID_BATCH; shift++) {
    const batchOf = (id: number): number => Math.floor((id + shift) / ID_BATCH);
    const highest = new Map<number, number>();
    for (const id of earlier.id) highest.set(batchOf(id), Math.max(highest.get(batchOf(id)) ?? 0, id));
    least = Math.min(
      least,
      new Set(low.filter((id) => id < (highest.get(batchOf(id)) ?? 0)).map(batchOf)).size,
    );
    old = Math.max(old, new Set(low.map(batchOf)).size);
  }
  return least >= LEAST_CONTRADICTIONS || old > MAX_OLD_BATCHES
    ? 'goroutine ids begin anew: new goroutines of the later capture have lower ids than old ones of the earlier capture'
    : null;
}

function siteOf({ function: name, line }: GoFrame): string {
  return `${name}:${line}`;
}
