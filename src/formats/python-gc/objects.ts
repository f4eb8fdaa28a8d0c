import { addressId } from '../../model/heap-graph.ts';
import { AddressTable, MISSING } from './address-table.ts';
import { type NodeKind, nodeKindNumber, nodeKindOf } from './kinds.ts';
import { type CodeRow, LAYOUT, type ObjectBlock, type RawDump, type TypeRow } from './raw.ts';
import type { StringPool } from './string-pool.ts';

/** The synthetic nodes in front: the root and its groups. */
const GROUPS = ['(root)', '(modules)', '(threads)', '(frames)', '(types)', '(asyncio)', '(other)'] as const;
export const FIRST_OBJECT: number = GROUPS.length;
export const MODULES = 1;
export const THREADS = 2;
export const FRAMES = 3;
export const TYPES = 4;
export const ASYNCIO = 5;
export const OTHER = 6;

/** No node stands for this object: it was told twice, or it belongs to the agent. */
export const NO_NODE = 0xffffffff;

/** A position in the service's code. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Nodes of the graph: objects with the dicts of their attributes folded into them. */
export interface Objects {
  readonly table: AddressTable;
  readonly nodeCount: number;
  /** Node by ordinal; a folded dict has the node of its holder. */
  readonly nodeOf: Uint32Array;
  /** 1 by ordinal for dicts that were folded into their holder. */
  readonly isFolded: Uint8Array;
  readonly nodeKind: Uint8Array;
  readonly nodeName: Uint32Array;
  readonly nodeId: Float64Array;
  readonly selfBytes: Float64Array;
  /** Entries of collections by node; `NO_LENGTH` for what is none. */
  readonly length: Uint32Array;
  /** Index into `classes`, by node. */
  readonly classOf: Uint32Array;
  readonly classes: readonly NodeClass[];
  readonly places: Map<number, Place>;
}

/** The class of some nodes. */
export interface NodeClass {
  readonly name: string;
  readonly family: ObjectBlock['family'];
  readonly place: Place | null;
}

export const NO_LENGTH = 0xffffffff;

const UNKNOWN_TYPE: TypeRow = { name: '(unknown class)', flags: 0, file: '', line: 0 };

/** Gives each object a node and a name. Resolves the targets of all references to ordinals on the way. */
export function numberObjects(
  raw: RawDump,
  strings: StringPool,
  own: ReadonlySet<number>,
  moduleNames: ReadonlyMap<number, string>,
): Objects {
  const count = raw.objectCount;
  const table = new AddressTable(raw.objects, count);
  for (const edges of raw.edges) {
    edges.targets = table.resolve(edges.targets);
    if (edges.values) edges.values = table.resolve(edges.values);
  }
  const holder = attributeHolders(raw, table);
  const nodeOf = new Uint32Array(count).fill(NO_NODE);
  let nodeCount = FIRST_OBJECT;
  for (let ordinal = 0; ordinal < count; ordinal++) {
    if (holder[ordinal] !== MISSING || own.has(ordinal) || table.repeated.has(ordinal)) continue;
    nodeOf[ordinal] = nodeCount++;
  }
  const isFolded = new Uint8Array(count);
  for (let ordinal = 0; ordinal < count; ordinal++) {
    if (holder[ordinal] === MISSING || own.has(ordinal) || table.repeated.has(ordinal)) continue;
    nodeOf[ordinal] = nodeOf[holder[ordinal]!]!;
    isFolded[ordinal] = 1;
  }
  const filler = new Filler(raw, strings, table, nodeCount, nodeOf, isFolded);
  filler.groups();
  for (const block of raw.objects) filler.block(block, moduleNames);
  filler.codes();
  return filler.done();
}

/**
 * By ordinal of a dict the object whose attributes it holds. An instance, a module or a class and its attribute dict are one
 * thing to a programmer, and since Python 3.11 the dict is often not even there. A dict that two share stays by itself.
 */
function attributeHolders(raw: RawDump, table: AddressTable): Uint32Array {
  const holder = new Uint32Array(raw.objectCount).fill(MISSING);
  const shared = new Set<number>();
  const isDict = new Uint8Array(raw.objectCount);
  for (const { first, count, family } of raw.objects)
    if (family === 'dict') isDict.fill(1, first, first + count);
  for (const edges of raw.edges) {
    if (edges.role !== LAYOUT || !edges.layout) continue;
    edges.layout.names.forEach((name, position) => {
      if (name !== '__dict__') return;
      for (let nth = 0; nth < edges.ownerCount; nth++) {
        const owner = edges.owners ? edges.owners[nth]! : edges.firstOwner + nth;
        const dict = edges.targets[nth * edges.constant + position]!;
        if (dict === MISSING || isDict[dict] === 0 || isDict[owner] === 1 || table.repeated.has(owner))
          continue;
        if (holder[dict] !== MISSING && holder[dict] !== owner) shared.add(dict);
        holder[dict] = owner;
      }
    });
  }
  for (const dict of shared) holder[dict] = MISSING;
  return holder;
}

class Filler {
  private readonly nodeKind: Uint8Array;
  private readonly nodeName: Uint32Array;
  private readonly nodeId: Float64Array;
  private readonly selfBytes: Float64Array;
  private readonly length: Uint32Array;
  private readonly classOf: Uint32Array;
  private readonly classes: NodeClass[] = [{ name: '', family: 'object', place: null }];
  private readonly classKeys: Map<string, number> = new Map();
  private readonly places: Map<number, Place> = new Map();
  private readonly raw: RawDump;
  private readonly strings: StringPool;
  private readonly table: AddressTable;
  private readonly nodeOf: Uint32Array;
  private readonly isFolded: Uint8Array;
  private readonly nodeCount: number;

  constructor(
    raw: RawDump,
    strings: StringPool,
    table: AddressTable,
    nodeCount: number,
    nodeOf: Uint32Array,
    isFolded: Uint8Array,
  ) {
    this.raw = raw;
    this.strings = strings;
    this.table = table;
    this.nodeOf = nodeOf;
    this.isFolded = isFolded;
    this.nodeCount = nodeCount;
    this.nodeKind = new Uint8Array(nodeCount);
    this.nodeName = new Uint32Array(nodeCount);
    this.nodeId = new Float64Array(nodeCount);
    this.selfBytes = new Float64Array(nodeCount);
    this.length = new Uint32Array(nodeCount).fill(NO_LENGTH);
    this.classOf = new Uint32Array(nodeCount);
  }

  groups(): void {
    GROUPS.forEach((name, node) => {
      this.nodeName[node] = this.strings.index(name);
      this.nodeId[node] = addressId(node * 8, 0);
    });
  }

  block(block: ObjectBlock, moduleNames: ReadonlyMap<number, string>): void {
    const type = this.raw.types.get(block.typeAddress) ?? UNKNOWN_TYPE;
    const kind = nodeKindOf(type.name, block.family);
    const kindNumber = nodeKindNumber(kind);
    const classIndex = this.classIndex(type, block);
    const className = this.strings.index(type.name);
    const print = fingerprint(type.name);
    const isFixed = kind === 'string' || kind === 'number' || block.family === 'tuple';
    for (let nth = 0; nth < block.count; nth++) {
      const ordinal = block.first + nth;
      const node = this.nodeOf[ordinal]!;
      if (node === NO_NODE) continue;
      const bytes = sizeOf(block, nth);
      this.selfBytes[node]! += bytes;
      if (this.isFolded[ordinal] === 1) continue;
      const address = this.table.addressOf(ordinal);
      this.nodeKind[node] = kindNumber;
      this.nodeName[node] = this.nameOf(kind, address, className, moduleNames);
      this.classOf[node] = classIndex;
      // Values that never change keep their size as well: it tells two of one class at one address apart.
      this.nodeId[node] = addressId(address, isFixed ? print ^ (bytes * 31) : print);
      if (block.lengths && COLLECTIONS.has(block.family)) this.length[node] = block.lengths[nth]!;
    }
  }

  private nameOf(
    kind: NodeKind,
    address: number,
    className: number,
    moduleNames: ReadonlyMap<number, string>,
  ): number {
    if (kind === 'string') return this.strings.index(this.raw.texts.get(address) ?? '');
    if (kind === 'number') return 0;
    if (kind === 'module') return this.strings.index(moduleNames.get(address) ?? '(module)');
    if (kind !== 'class') return className;
    const row = this.raw.types.get(address) ?? UNKNOWN_TYPE;
    return this.strings.index(row.name);
  }

  private classIndex(type: TypeRow, block: ObjectBlock): number {
    const key = `${type.name}|${block.family}|${type.file}:${type.line}`;
    let index = this.classKeys.get(key);
    if (index === undefined) {
      index = this.classes.length;
      this.classKeys.set(key, index);
      const place = type.file === '' || type.line === 0 ? null : { file: type.file, line: type.line };
      this.classes.push({ name: type.name, family: block.family, place });
    }
    return index;
  }

  /** Functions and coroutines are called by the name of their code, and stand where it does. Classes stand where they are told to. */
  codes(): void {
    for (const [address, row] of this.raw.types) {
      const node = this.nodeAt(address);
      if (node !== NO_NODE && row.file !== '' && row.line > 0)
        this.places.set(node, { file: row.file, line: row.line });
    }
    for (const [address, row] of this.raw.codes) {
      const node = this.nodeAt(address);
      if (node !== NO_NODE) this.placeCode(node, row);
    }
    const named = new Map<string, number>();
    for (const edges of this.raw.edges) {
      if (edges.role !== LAYOUT || !edges.layout) continue;
      const position = edges.layout.names.findIndex((name) => CODE_NAMES.has(name));
      if (position < 0) continue;
      const modulePosition = edges.layout.names.indexOf('__module__');
      const qualnamePosition = edges.layout.names.indexOf('__qualname__');
      for (let nth = 0; nth < edges.ownerCount; nth++) {
        const owner = edges.owners ? edges.owners[nth]! : edges.firstOwner + nth;
        const node = this.nodeOf[owner]!;
        const at = nth * edges.constant;
        const row = this.codeAt(edges.targets[at + position]!);
        if (node === NO_NODE || !row || this.isFolded[owner] === 1) continue;
        const className = this.classes[this.classOf[node]!]!.name;
        const module = modulePosition < 0 ? '' : this.textOf(edges.targets[at + modulePosition]!);
        const qualname =
          (qualnamePosition < 0 ? '' : this.textOf(edges.targets[at + qualnamePosition]!)) || row.name;
        const key = `${className}|${module}|${qualname}`;
        let name = named.get(key);
        if (name === undefined) {
          const full = module === '' || module === 'builtins' ? qualname : `${module}.${qualname}`;
          name = this.strings.index(className === 'function' ? full : `${className} ${full}`);
          named.set(key, name);
        }
        this.nodeName[node] = name;
        this.placeCode(node, row);
        this.nodeId[node] = addressId(
          this.table.addressOf(owner),
          fingerprint(`${className} ${row.name} ${row.line}`),
        );
      }
    }
  }

  private placeCode(node: number, { file, line }: CodeRow): void {
    if (file !== '' && line > 0 && !file.startsWith('<')) this.places.set(node, { file, line });
  }

  private codeAt(ordinal: number): CodeRow | undefined {
    return ordinal === MISSING ? undefined : this.raw.codes.get(this.table.addressOf(ordinal));
  }

  private textOf(ordinal: number): string {
    return ordinal === MISSING ? '' : (this.raw.texts.get(this.table.addressOf(ordinal)) ?? '');
  }

  private nodeAt(address: number): number {
    const ordinal = this.table.findAddress(address);
    return ordinal === MISSING ? NO_NODE : this.nodeOf[ordinal]!;
  }

  done(): Objects {
    const { table, nodeCount, nodeOf, isFolded, nodeKind, nodeName, nodeId, selfBytes, length } = this;
    const { classOf, classes, places } = this;
    return {
      table,
      nodeCount,
      nodeOf,
      isFolded,
      nodeKind,
      nodeName,
      nodeId,
      selfBytes,
      length,
      classOf,
      classes,
      places,
    };
  }
}

const COLLECTIONS = new Set(['dict', 'list', 'set', 'tuple', 'deque']);
const CODE_NAMES = new Set(['__code__', 'gi_code', 'cr_code', 'ag_code', 'f_code']);

function sizeOf({ sizes, sizeWords, fixedBytes }: ObjectBlock, nth: number): number {
  if (!sizes) return fixedBytes;
  const own = sizeWords === 1 ? sizes[nth]! : sizes[nth * 2]! + sizes[nth * 2 + 1]! * 2 ** 32;
  return own + fixedBytes;
}

/** A small number from a text, the same in every dump (FNV-1a). */
function fingerprint(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & 0xff;
}
