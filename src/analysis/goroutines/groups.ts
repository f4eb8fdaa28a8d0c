import type { GoFrame } from '../../model/goroutines.ts';
import type { GoroutineCapture } from './captures.ts';
import { placeOf, type Signature, type SignatureTable } from './signatures.ts';

/** Goroutines started for one purpose, wherever they are caught: kinds with one creation site and one entry. */
export interface GoroutineGroup {
  readonly index: number;
  readonly signatures: readonly Signature[];
  /** The kind that most of them are of in the last capture. */
  readonly main: Signature;
  /** Count in each capture. */
  readonly counts: readonly number[];
  /** Proven stuck by the runtime, in each capture. */
  readonly leaked: readonly number[];
}

export interface Grouped {
  readonly groups: readonly GoroutineGroup[];
  /** Group of each signature. */
  readonly groupOf: Uint32Array;
}

/**
 * Joins kinds to groups. A goroutine that the service started itself belongs to that `go` statement; one that a library or
 * Go started (the handler of a connection, say) to the line of the service in which it waits.
 */
export function groupGoroutines(table: SignatureTable, captures: readonly GoroutineCapture[]): Grouped {
  const byKey = new Map<string, number>();
  const members: Signature[][] = [];
  const groupOf = new Uint32Array(table.all.length);
  for (const signature of table.all) {
    const key = groupKey(signature);
    let group = byKey.get(key);
    if (group === undefined) {
      group = members.push([]) - 1;
      byKey.set(key, group);
    }
    members[group]!.push(signature);
    groupOf[signature.index] = group;
  }
  const sum = (counts: ReadonlyMap<number, number>, own: readonly Signature[]): number =>
    own.reduce((total, { index }) => total + (counts.get(index) ?? 0), 0);
  const groups = members.map((own, index) => ({
    index,
    signatures: own,
    main: own.reduce((best, each) => (weight(each, captures) > weight(best, captures) ? each : best)),
    counts: captures.map(({ counts }) => sum(counts, own)),
    leaked: captures.map(({ leaked }) => sum(leaked, own)),
  }));
  return { groups, groupOf };
}

function groupKey({ waitClass, creation, creationAuthor, blame, entry, frames }: Signature): string {
  const site = creation ? placeOf(creation) : '';
  if (creationAuthor === 'user') return `started ${site} ${entry?.function ?? ''}`;
  if (blame) return `waits ${site} ${placeOf(blame)}`;
  return `own ${site} ${waitClass} ${frames.map(nameOf).join(' ')}`;
}

function nameOf({ function: name }: GoFrame): string {
  return name;
}

/** How many there are in the last capture that has any. */
function weight({ index }: Signature, captures: readonly GoroutineCapture[]): number {
  for (let at = captures.length - 1; at >= 0; at--) {
    const count = captures[at]!.counts.get(index) ?? 0;
    if (count > 0) return at * 1e9 + count;
  }
  return 0;
}
