import { gain } from '../base/gain.ts';
import { handleOf } from '../model/heap-graph.ts';
import type { SourceLocation } from '../model/source-location.ts';
import type { Heap } from './heap.ts';
import { type IdIndex, indexIds } from './id-index.ts';
import { isSameProcess } from './same-process.ts';
import { type HeapTally, tallyOf } from './tally.ts';

/** Objects and their own bytes. */
export interface Amount {
  readonly objects: number;
  readonly bytes: number;
}

/** How one class changed between dumps. Bytes are the objects' own. */
export interface ClassDiff {
  readonly name: string;
  /** Where the class is written, when the dump tells. */
  readonly location: SourceLocation | null;
  /** By dump, in order of time. */
  readonly objects: readonly number[];
  readonly bytes: readonly number[];
  /** From the first to the last dump; negative where it shrank. */
  readonly grown: Amount;
  /** In the last dump but not in the first; null for dumps of different processes. */
  readonly new: Amount | null;
  /** In the first dump but not in the last. */
  readonly gone: Amount | null;
  /** The newest of the new objects, as `n-<id>`. */
  readonly newest: string | null;
}

/** What changed between two or more dumps of one program. */
export interface HeapDiff {
  /** Objects can be told apart by id only within one process. Otherwise there are classes and nothing else. */
  readonly sameProcess: boolean;
  /** By dump, in order of time. */
  readonly objects: readonly number[];
  readonly bytes: readonly number[];
  /** From the first to the last dump; null for dumps of different processes. */
  readonly new: Amount | null;
  readonly gone: Amount | null;
  /** `bytes` are those in the last dump; `grownBytes` what these objects gained themselves. */
  readonly surviving: (Amount & { readonly grownBytes: number }) | null;
  /** Most grown bytes first; classes that did not change are left out. */
  readonly classes: readonly ClassDiff[];
}

/**
 * Compares two dumps by class and, when they are of one process, by object.
 *
 * @param before the earlier dump
 * @param after the later one
 * @example
 * import { compareHeaps, openHeap } from 'stanch';
 *
 * const diff = compareHeaps(await openHeap('A.heapsnapshot'), await openHeap('B.heapsnapshot'));
 * for (const { name, grown } of diff.classes.slice(0, 5)) {
 *   process.stdout.write(`${name}: ${grown.objects} objects, ${grown.bytes} bytes more\n`);
 * }
 */
export function compareHeaps(before: Heap, after: Heap): HeapDiff {
  const last = tallyOf(after.graph);
  return compareTallies([tallyOf(before.graph, last.classes.interfaces), last]);
}

/** @param tallies in order of time; all with the interfaces of the last */
export function compareTallies(tallies: readonly HeapTally[]): HeapDiff {
  const first = tallies[0]!;
  const last = tallies[tallies.length - 1]!;
  const firstIndex = indexIds(first.nodes.nodeId);
  const sameProcess = isSameProcess(first.nodes, firstIndex, last.nodes);
  const rows = new ClassRows(tallies);
  const identity = sameProcess ? compareById(first, firstIndex, last, rows) : null;
  const total = (tally: HeapTally, field: 'objects' | 'bytes'): number => sum(tally[field]);
  return {
    sameProcess,
    objects: tallies.map((tally) => total(tally, 'objects')),
    bytes: tallies.map((tally) => total(tally, 'bytes')),
    new: identity?.new ?? null,
    gone: identity?.gone ?? null,
    surviving: identity?.surviving ?? null,
    classes: rows.diffs(sameProcess, last),
  };
}

interface MutableAmount {
  objects: number;
  bytes: number;
}

interface Row {
  readonly name: string;
  readonly location: SourceLocation | null;
  readonly objects: number[];
  readonly bytes: number[];
  readonly new: MutableAmount;
  readonly gone: MutableAmount;
  newestNode: number;
}

/** Classes of several dumps side by side: equal are those of one name at one place. */
class ClassRows {
  private readonly rows: Row[] = [];
  /** Row by class number, for each dump. */
  private readonly rowOf: Row[][];

  constructor(tallies: readonly HeapTally[]) {
    const known = new Map<string, Row>();
    this.rowOf = tallies.map(({ classes, objects, bytes }, dump) =>
      classes.names.map((name, at) => {
        const location = classes.locations[at]!;
        const key = location ? `${name} ${location.file}:${location.line}:${location.column}` : name;
        let row = known.get(key);
        if (!row) {
          const zeros = (): number[] => tallies.map(() => 0);
          const none = (): MutableAmount => ({ objects: 0, bytes: 0 });
          row = {
            name,
            location,
            objects: zeros(),
            bytes: zeros(),
            new: none(),
            gone: none(),
            newestNode: -1,
          };
          known.set(key, row);
          this.rows.push(row);
        }
        row.objects[dump]! += objects[at]!;
        row.bytes[dump]! += bytes[at]!;
        return row;
      }),
    );
  }

  rowsOf(dump: number): readonly Row[] {
    return this.rowOf.at(dump)!;
  }

  diffs(sameProcess: boolean, last: HeapTally): ClassDiff[] {
    const diffs = this.rows.map(({ newestNode, new: added, gone, ...row }) => ({
      ...row,
      grown: { objects: gain(row.objects), bytes: gain(row.bytes) },
      new: sameProcess ? added : null,
      gone: sameProcess ? gone : null,
      newest: newestNode < 0 ? null : handleOf(last.nodes, newestNode),
    }));
    return diffs
      .filter(({ grown, new: added, gone }) => {
        const turnover = (added?.objects ?? 0) + (gone?.objects ?? 0);
        return grown.objects !== 0 || grown.bytes !== 0 || turnover > 0;
      })
      .sort((a, b) => b.grown.bytes - a.grown.bytes || b.grown.objects - a.grown.objects);
  }
}

function compareById(
  first: HeapTally,
  firstIndex: IdIndex,
  last: HeapTally,
  rows: ClassRows,
): { new: Amount; gone: Amount; surviving: Amount & { grownBytes: number } } {
  const added = { objects: 0, bytes: 0 };
  const gone = { objects: 0, bytes: 0 };
  const surviving = { objects: 0, bytes: 0, grownBytes: 0 };
  const survives = new Uint8Array(first.nodes.nodeCount);
  const lastRows = rows.rowsOf(-1);
  const { nodeId } = last.nodes;
  for (let node = 0; node < last.nodes.nodeCount; node++) {
    const before = firstIndex.get(nodeId[node]!);
    const bytes = last.selfBytes[node]!;
    if (before >= 0) survives[before] = 1;
    if (before >= 0) {
      surviving.grownBytes += bytes - first.selfBytes[before]!;
      if (bytes > 0) surviving.objects++;
      surviving.bytes += bytes;
      continue;
    }
    if (bytes === 0) continue;
    const row = lastRows[last.classes.classOf[node]!]!;
    for (const amount of [added, row.new]) {
      amount.objects++;
      amount.bytes += bytes;
    }
    if (row.newestNode < 0 || nodeId[node]! > nodeId[row.newestNode]!) row.newestNode = node;
  }
  const firstRows = rows.rowsOf(0);
  for (let node = 0; node < first.nodes.nodeCount; node++) {
    const bytes = first.selfBytes[node]!;
    if (survives[node] === 1 || bytes === 0) continue;
    for (const amount of [gone, firstRows[first.classes.classOf[node]!]!.gone]) {
      amount.objects++;
      amount.bytes += bytes;
    }
  }
  return { new: added, gone, surviving };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
