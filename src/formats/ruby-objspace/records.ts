import { AddressNumbers } from './address-index.ts';
import { ByteTexts } from './byte-texts.ts';
import { Float64Blocks, longer } from './growing.ts';
import { type ReadBytes, ValueBytes } from './value-bytes.ts';
import { TYPE } from './words.ts';

/** Bits of `flags`. */
export const FROZEN = 1;
export const SHARED = 2;
export const SINGLETON = 4;
/** The Hash inside of a Set. */
export const OF_SET = 16;
/** `detail` is the number of a value. */
export const HAS_VALUE = 32;

export const NO_CLASS = 0xffffffff;

/** What only classes and modules have. */
export interface ClassRecord {
  superclass: number;
  name: string | null;
}

export interface ShapeRecord {
  /** -1 where there is none. */
  readonly parent: number;
  /** Of the variable that this shape adds; null for shapes that add none. */
  readonly name: string | null;
}

/**
 * What the lines say, as struct of arrays by node, before addresses are looked up. Node 0 is the root; ROOT lines are
 * nodes without an address.
 */
export class DumpRecords {
  /** Nodes. */
  count = 0;
  address: Float64Array = new Float64Array(256);
  type: Uint8Array = new Uint8Array(256);
  flags: Uint8Array = new Uint8Array(256);
  /** Number of the class, of `classAddresses`; NO_CLASS for hidden objects. */
  classOf: Uint32Array = new Uint32Array(256);
  memsize: Uint32Array | Float64Array = new Uint32Array(256);
  /** End of the node's references in `references`. */
  referenceEnd: Uint32Array = new Uint32Array(257);
  /** Strings: number of the value. DATA: struct name. IMEMO: its type. Roots: their name. All in `words` but values. */
  detail: Uint32Array = new Uint32Array(256);
  /** Hash of what tells objects of one class at one address apart. */
  print: Uint8Array = new Uint8Array(256);
  /** Shape + 1 by node, 0 for none; null until the first that has one (Ruby 3.2). */
  shape: Uint32Array | null = null;
  /** Allocation site by node, 0 for none; null until the first (traced dumps). */
  site: Uint32Array | null = null;

  readonly references: Float64Blocks = new Float64Blocks();
  readonly classAddresses: AddressNumbers = new AddressNumbers();
  readonly words: ByteTexts = new ByteTexts();
  readonly values: ValueBytes;
  readonly classes: Map<number, ClassRecord> = new Map();
  readonly defaultProcs: Map<number, number> = new Map();
  readonly shapes: Map<number, ShapeRecord> = new Map();
  /** Bytes that a String has room for and does not use yet, of the few where that is much. */
  readonly spareBytes: Map<number, number> = new Map();
  /** Nodes with a count of entries, ascending, and the counts. */
  sizedCount = 0;
  sizedNode: Uint32Array = new Uint32Array(64);
  sizedEntries: Uint32Array = new Uint32Array(64);

  /** Bytes read and to be read, for guessing how many nodes will come. */
  readBytes = 0;

  constructor(
    private readonly sizeBytes: number | null,
    readAt: ReadBytes | null,
  ) {
    this.values = new ValueBytes(readAt);
  }

  /** Makes room for one more node. */
  reserve(): void {
    if (this.count < this.type.length) return;
    const doubled = this.count * 2;
    let capacity = doubled;
    if (this.sizeBytes !== null && this.readBytes > 1 << 20) {
      // The rest of the dump is like what came, and a little slack saves a last copy of everything.
      const guess = Math.ceil((this.count / this.readBytes) * this.sizeBytes * 1.04);
      if (guess > this.count * 1.1) capacity = Math.min(guess, this.count * 8);
    }
    this.address = longer(this.address, capacity);
    this.type = longer(this.type, capacity);
    this.flags = longer(this.flags, capacity);
    this.classOf = longer(this.classOf, capacity);
    this.memsize = longer(this.memsize, capacity);
    this.referenceEnd = longer(this.referenceEnd, capacity + 1);
    this.detail = longer(this.detail, capacity);
    this.print = longer(this.print, capacity);
    if (this.shape) this.shape = longer(this.shape, capacity);
    if (this.site) this.site = longer(this.site, capacity);
  }

  setMemsize(node: number, bytes: number): void {
    if (bytes > 0xffffffff && this.memsize instanceof Uint32Array)
      this.memsize = new Float64Array(this.memsize);
    this.memsize[node] = bytes;
  }

  setShape(node: number, shape: number): void {
    this.shape ??= new Uint32Array(this.type.length);
    this.shape[node] = shape + 1;
  }

  setSite(node: number, site: number): void {
    this.site ??= new Uint32Array(this.type.length);
    this.site[node] = site;
  }

  addEntries(node: number, entries: number): void {
    if (this.sizedCount === this.sizedNode.length) {
      this.sizedNode = longer(this.sizedNode, this.sizedCount * 2);
      this.sizedEntries = longer(this.sizedEntries, this.sizedCount * 2);
    }
    this.sizedNode[this.sizedCount] = node;
    this.sizedEntries[this.sizedCount++] = entries;
  }

  /** Adds a node that no line stands for. */
  addSynthetic(): number {
    this.reserve();
    const node = this.count++;
    this.type[node] = TYPE.ROOT;
    this.classOf[node] = NO_CLASS;
    this.referenceEnd[node] = this.references.length;
    return node;
  }
}
