import { MISSING } from './address-table.ts';
import { EDGE } from './kinds.ts';
import { NO_NODE, type Objects } from './objects.ts';
import { type CodeRow, type EdgeBlock, ELEMENTS, ENTRIES, LAYOUT, type RawDump } from './raw.ts';
import type { StringPool } from './string-pool.ts';

/** Takes one reference: nodes, an edge kind, and an index (elements) or a string. */
export type Emit = (source: number, kind: number, name: number, target: number) => void;

/** References to what was not told: a torn dump has many. */
export interface Losses {
  dangling: number;
  total: number;
}

const KIND_OF_LETTER: Readonly<Record<string, number>> = {
  p: EDGE.property,
  i: EDGE.internal,
  c: EDGE.context,
  s: EDGE.slot,
};

/**
 * All references between objects, always in the same order: each object's own as Python has them, then those that say more:
 * of a function its default arguments (`name=`) and captured variables by name, which it otherwise holds through tuples and cells.
 */
export class References {
  readonly losses: Losses = { dangling: 0, total: 0 };
  private readonly raw: RawDump;
  private readonly objects: Objects;
  private readonly strings: StringPool;
  private readonly empty: number;
  /** Block + 1 and first place of the contents by ordinal, for what functions hold. */
  private readonly blockOf: Uint32Array;
  private readonly fromOf: Uint32Array;
  private readonly keyNode: Uint8Array;

  constructor(raw: RawDump, objects: Objects, strings: StringPool) {
    this.raw = raw;
    this.objects = objects;
    this.strings = strings;
    this.empty = strings.index('');
    this.blockOf = new Uint32Array(raw.objectCount);
    this.fromOf = new Uint32Array(raw.objectCount);
    this.keyNode = new Uint8Array(objects.nodeCount);
    raw.edges.forEach((edges, block) => {
      const isCell = edges.role === LAYOUT && edges.layout!.names[0] === 'cell_contents';
      if (edges.role !== ELEMENTS && edges.role !== ENTRIES && !isCell) return;
      let from = 0;
      for (let nth = 0; nth < edges.ownerCount; nth++) {
        const owner = ownerAt(edges, nth);
        this.blockOf[owner] = block + 1;
        this.fromOf[owner] = from;
        from += countAt(edges, nth);
      }
    });
  }

  each(emit: Emit): void {
    this.keyNode.fill(0);
    this.losses.dangling = 0;
    this.losses.total = 0;
    for (const edges of this.raw.edges) {
      if (edges.role === ELEMENTS) this.elements(edges, emit);
      else if (edges.role === ENTRIES) this.entries(edges, emit);
      else this.named(edges, emit);
    }
  }

  private target(ordinal: number): number {
    this.losses.total++;
    if (ordinal === MISSING) {
      this.losses.dangling++;
      return NO_NODE;
    }
    return this.objects.nodeOf[ordinal]!;
  }

  private elements(edges: EdgeBlock, emit: Emit): void {
    const { nodeOf } = this.objects;
    let at = 0;
    for (let nth = 0; nth < edges.ownerCount; nth++) {
      const source = nodeOf[ownerAt(edges, nth)]!;
      const count = countAt(edges, nth);
      for (let index = 0; index < count; index++, at++) {
        const target = this.target(edges.targets[at]!);
        if (source !== NO_NODE && target !== NO_NODE) emit(source, EDGE.element, index, target);
      }
    }
  }

  private entries(edges: EdgeBlock, emit: Emit): void {
    const { nodeOf, isFolded, table } = this.objects;
    const { texts } = this.raw;
    let at = 0;
    for (let nth = 0; nth < edges.ownerCount; nth++) {
      const owner = ownerAt(edges, nth);
      const source = nodeOf[owner]!;
      const count = countAt(edges, nth);
      for (let entry = 0; entry < count; entry++, at++) {
        const keyOrdinal = edges.targets[at]!;
        const key = this.target(keyOrdinal);
        const value = this.target(edges.values![at]!);
        if (source === NO_NODE) continue;
        const name =
          isFolded[owner] === 1 && keyOrdinal !== MISSING
            ? texts.get(table.addressOf(keyOrdinal))
            : undefined;
        if (name === undefined) {
          if (key !== NO_NODE) emit(source, EDGE.key, this.empty, key);
          if (value !== NO_NODE) emit(source, EDGE.value, this.empty, value);
          continue;
        }
        // One attribute name is held by very many: the first of them is enough to keep it.
        if (key !== NO_NODE && this.keyNode[key] === 0) {
          this.keyNode[key] = 1;
          emit(source, EDGE.key, this.empty, key);
        }
        if (value !== NO_NODE) emit(source, EDGE.property, this.strings.index(name), value);
      }
    }
  }

  private named(edges: EdgeBlock, emit: Emit): void {
    const { nodeOf } = this.objects;
    const { layout } = edges;
    const kinds = layout?.kinds.map((kind) => KIND_OF_LETTER[kind] ?? EDGE.slot) ?? [];
    const names = layout?.names.map((name) => this.strings.index(name)) ?? [];
    let at = 0;
    for (let nth = 0; nth < edges.ownerCount; nth++) {
      const source = nodeOf[ownerAt(edges, nth)]!;
      const count = countAt(edges, nth);
      for (let position = 0; position < count; position++, at++) {
        const target = this.target(edges.targets[at]!);
        // What points to its own folded dict has nothing to tell.
        if (source === NO_NODE || target === NO_NODE || target === source) continue;
        emit(source, kinds[position] ?? EDGE.slot, names[position] ?? this.empty, target);
      }
    }
    if (layout?.names.includes('__code__')) this.functions(edges, emit);
  }

  private functions(edges: EdgeBlock, emit: Emit): void {
    const { nodeOf, table } = this.objects;
    const names = edges.layout!.names;
    const position = (name: string) => names.indexOf(name);
    const [code, defaults, keywords, closure] = [
      '__code__',
      '__defaults__',
      '__kwdefaults__',
      '__closure__',
    ].map(position) as [number, number, number, number];
    if (defaults < 0 && keywords < 0 && closure < 0) return;
    for (let nth = 0; nth < edges.ownerCount; nth++) {
      const source = nodeOf[ownerAt(edges, nth)]!;
      const at = nth * edges.constant;
      const codeOrdinal = edges.targets[at + code]!;
      if (source === NO_NODE || codeOrdinal === MISSING) continue;
      const row = this.raw.codes.get(table.addressOf(codeOrdinal));
      if (!row) continue;
      if (defaults >= 0) this.defaults(source, row, edges.targets[at + defaults]!, emit);
      if (keywords >= 0) this.keywords(source, edges.targets[at + keywords]!, emit);
      if (closure >= 0) this.variables(source, row, edges.targets[at + closure]!, emit);
    }
  }

  private defaults(source: number, row: CodeRow, tuple: number, emit: Emit): void {
    const values = this.contents(tuple, ELEMENTS);
    if (!values) return;
    const first = row.positional - values.length;
    for (let at = 0; at < values.length; at++) {
      const target = values[at] === MISSING ? NO_NODE : this.objects.nodeOf[values[at]!]!;
      const name = row.arguments[first + at];
      if (target !== NO_NODE && name !== undefined)
        emit(source, EDGE.property, this.strings.index(`${name}=`), target);
    }
  }

  private keywords(source: number, dict: number, emit: Emit): void {
    const keys = this.contents(dict, ENTRIES);
    if (!keys) return;
    const block = this.raw.edges[this.blockOf[dict]! - 1]!;
    const from = this.fromOf[dict]!;
    for (let at = 0; at < keys.length; at++) {
      const value = block.values![from + at]!;
      const name =
        keys[at] === MISSING ? undefined : this.raw.texts.get(this.objects.table.addressOf(keys[at]!));
      const target = value === MISSING ? NO_NODE : this.objects.nodeOf[value]!;
      if (target !== NO_NODE && name !== undefined)
        emit(source, EDGE.property, this.strings.index(`${name}=`), target);
    }
  }

  private variables(source: number, row: CodeRow, tuple: number, emit: Emit): void {
    const cells = this.contents(tuple, ELEMENTS);
    if (!cells) return;
    for (let at = 0; at < cells.length; at++) {
      const value = cells[at] === MISSING ? null : this.contents(cells[at]!, LAYOUT);
      const name = row.freeVariables[at];
      if (!value || value[0] === MISSING || name === undefined) continue;
      const target = this.objects.nodeOf[value[0]!]!;
      if (target !== NO_NODE) emit(source, EDGE.context, this.strings.index(name), target);
    }
  }

  /** Ordinals that one object holds, of blocks of this role. */
  private contents(ordinal: number, role: number): Uint32Array | null {
    if (ordinal === MISSING || this.blockOf[ordinal] === 0) return null;
    const block = this.raw.edges[this.blockOf[ordinal]! - 1]!;
    if (block.role !== role) return null;
    const from = this.fromOf[ordinal]!;
    const count = block.counts ? this.countOf(block, ordinal) : block.constant;
    return block.targets.subarray(from, from + count);
  }

  private countOf(block: EdgeBlock, ordinal: number): number {
    const nth = block.owners ? block.owners.indexOf(ordinal) : ordinal - block.firstOwner;
    return nth < 0 ? 0 : block.counts![nth]!;
  }
}

function ownerAt(edges: EdgeBlock, nth: number): number {
  return edges.owners ? edges.owners[nth]! : edges.firstOwner + nth;
}

function countAt(edges: EdgeBlock, nth: number): number {
  return edges.counts ? edges.counts[nth]! : edges.constant;
}
