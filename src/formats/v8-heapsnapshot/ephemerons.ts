import type { HeapGraph } from '../../model/heap-graph.ts';

/**
 * V8 writes a WeakMap entry as two internal edges to the value, one from the key and one from the table, both named
 * `N / part of key (K @id) -> value (V @id) pair in WeakMap (table @id)`. The value lives as long as both ends do.
 */
const EPHEMERON =
  /^\d+(?<pair> \/ part of key \(.*? @\d+\) -> value \(.*? @\d+\) pair in WeakMap \(table @(?<tableId>\d+)\))$/;
/** No such name is shorter, so shorter ones need not be decoded. */
const MIN_NAME_BYTES = 55;

export interface Ephemeron {
  /** The name without its leading number: equal on both halves of a pair. */
  readonly pair: string;
  readonly tableId: number;
}

/** Looks up the ephemeron that an internal edge's name (a string index) stands for; each name is decoded once. */
export function ephemeronNames(strings: HeapGraph['strings']): (name: number) => Ephemeron | null {
  const seen = new Map<number, Ephemeron | null>();
  return (name) => {
    if (strings.writtenBytes(name) < MIN_NAME_BYTES) return null;
    const known = seen.get(name);
    if (known !== undefined) return known;
    const groups = EPHEMERON.exec(strings.get(name))?.groups;
    const ephemeron = groups ? { pair: groups['pair']!, tableId: Number.parseInt(groups['tableId']!, 10) } : null;
    seen.set(name, ephemeron);
    return ephemeron;
  };
}
