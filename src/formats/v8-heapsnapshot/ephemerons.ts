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
  // Looked at for every internal edge of a heap: one byte a string answers nearly always.
  const UNKNOWN = 0;
  const OTHER = 1;
  const state = new Uint8Array(strings.length);
  const found = new Map<number, Ephemeron>();
  const decode = (name: number): Ephemeron | null => {
    const groups =
      strings.writtenBytes(name) < MIN_NAME_BYTES ? undefined : EPHEMERON.exec(strings.get(name))?.groups;
    const ephemeron = groups
      ? { pair: groups['pair']!, tableId: Number.parseInt(groups['tableId']!, 10) }
      : null;
    state[name] = ephemeron ? 2 : OTHER;
    if (ephemeron) found.set(name, ephemeron);
    return ephemeron;
  };
  return (name) => {
    const known = state[name];
    if (known === OTHER) return null;
    return known === UNKNOWN ? decode(name) : (found.get(name) ?? null);
  };
}
