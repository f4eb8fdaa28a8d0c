import type { NameTable } from './name-table.ts';
import type { ShapeRecord } from './records.ts';

const MAX_DEPTH = 10_000;
/** More candidates than this say nothing. */
const MAX_CANDIDATES = 6;
/** No name is known. */
export const UNNAMED = 0xffffffff;

/**
 * Names of instance and class variables in the order of an object's references: what the shape (Ruby 3.2 and later) or the
 * names file lists. Variables that hold immediates (Integer, true, nil, most Symbols) leave no reference, so when there are
 * fewer references than variables, a reference is one of several: the names say so.
 */
export class VariableNames {
  private readonly lists: (readonly string[])[] = [];
  private readonly listOfShape: Map<number, number> = new Map();
  private readonly listOfLayout: Map<readonly string[], number> = new Map();
  private readonly known: Map<number, Uint32Array> = new Map();
  private lastKey = -1;
  private last: Uint32Array | null = null;

  constructor(
    private readonly shapes: ReadonlyMap<number, ShapeRecord>,
    private readonly names: NameTable,
  ) {}

  /** Number of the list of a shape. */
  ofShape(shape: number): number {
    let list = this.listOfShape.get(shape);
    if (list === undefined) {
      const names: string[] = [];
      let at = shape;
      for (let depth = 0; depth < MAX_DEPTH; depth++) {
        const record = this.shapes.get(at);
        if (!record) break;
        if (record.name !== null) names.push(record.name);
        at = record.parent;
      }
      list = this.lists.push(names.reverse()) - 1;
      this.listOfShape.set(shape, list);
    }
    return list;
  }

  ofLayout(layout: readonly string[]): number {
    let list = this.listOfLayout.get(layout);
    if (list === undefined) {
      list = this.lists.push(layout) - 1;
      this.listOfLayout.set(layout, list);
    }
    return list;
  }

  lengthOf(list: number): number {
    return this.lists[list]!.length;
  }

  /** Name of each of `references` references, when `spare` variables more than these may hold immediates. */
  inOrder(list: number, references: number, spare: number): Uint32Array {
    // Both counts are small, except for objects that are used as maps; those are few.
    const key = (list * 4096 + Math.min(references, 4095)) * 4096 + Math.min(spare, 4095);
    if (key === this.lastKey && this.last!.length === references) return this.last!;
    let found = this.known.get(key);
    if (!found || found.length !== references) {
      found = new Uint32Array(references);
      for (let at = 0; at < references; at++) found[at] = this.oneOf(list, at, at + spare);
      this.known.set(key, found);
    }
    this.lastKey = key;
    this.last = found;
    return found;
  }

  private oneOf(list: number, from: number, to: number): number {
    const candidates = this.lists[list]!.slice(from, to + 1);
    if (candidates.length === 0 || candidates.length > MAX_CANDIDATES) return UNNAMED;
    if (candidates.length === 1) return this.names.numberOf(candidates[0]!);
    return this.names.numberOf(`one of ${candidates.join(', ')}`);
  }
}
