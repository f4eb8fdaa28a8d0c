import { type Block, invalid } from './blocks.ts';
import { JsonPart, listOf, numberOf, recordOf, textOf } from './json-part.ts';

/** Families of types by the number in an object block, as the agent knows them. */
export const FAMILIES = [
  'object',
  'dict',
  'list',
  'set',
  'tuple',
  'deque',
  'str',
  'type',
  'local',
  'code',
  'frame',
  'cell',
  'context',
  'lru',
  'generator',
] as const;
export type Family = (typeof FAMILIES)[number];

export const ELEMENTS = 1;
export const ENTRIES = 2;
export const LAYOUT = 3;
export const SLOTS = 4;

/** Objects of one class. Ordinals run through the file: `first`, `first + 1`, … */
export interface ObjectBlock {
  readonly first: number;
  readonly count: number;
  readonly typeAddress: number;
  readonly family: Family;
  /** Pairs of low and high word. */
  readonly addresses: Uint32Array;
  /** Added to each size. */
  readonly fixedBytes: number;
  readonly sizes: Uint32Array | null;
  /** 1 word a size, or 2 for those of 4 GB and more. */
  readonly sizeWords: number;
  readonly lengths: Uint32Array | null;
}

/** References of one role. `targets` are pairs of words until they are resolved to ordinals. */
export interface EdgeBlock {
  readonly role: number;
  readonly layout: Layout | null;
  readonly ownerCount: number;
  readonly firstOwner: number;
  readonly owners: Uint32Array | null;
  readonly constant: number;
  readonly counts: Uint32Array | null;
  readonly total: number;
  /** Of entries: the keys, then in `values` the values. */
  targets: Uint32Array;
  values: Uint32Array | null;
}

/** Names of references by their position: `p` property, `i` internal, `c` variable, `s` unknown. */
export interface Layout {
  readonly kinds: readonly string[];
  readonly names: readonly string[];
}

export interface TypeRow {
  readonly name: string;
  readonly flags: number;
  readonly file: string;
  readonly line: number;
}

export interface CodeRow {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly arguments: readonly string[];
  /** How many of them are positional; the others are keyword-only. */
  readonly positional: number;
  readonly freeVariables: readonly string[];
}

const HEAD_BYTES = 32;
const NO_ADDRESS = -1;

/** Everything that the file says, checked block by block but not yet joined. */
export class RawDump {
  header: JsonPart | null = null;
  extra: JsonPart | null = null;
  end: JsonPart | null = null;
  endOffset = 0;
  objectCount = 0;
  referenceCount = 0;
  blockCount = 0;
  readonly objects: ObjectBlock[] = [];
  readonly edges: EdgeBlock[] = [];
  readonly types: Map<number, TypeRow> = new Map();
  readonly codes: Map<number, CodeRow> = new Map();
  readonly texts: Map<number, string> = new Map();
  private readonly layouts: Map<number, Layout> = new Map();
  private readonly file: string;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(file: string) {
    this.file = file;
  }

  take(block: Block): void {
    this.blockCount++;
    switch (block.kind) {
      case 'O':
        this.takeObjects(block);
        break;
      case 'E':
        this.takeEdges(block);
        break;
      case 'S':
        this.takeTexts(block);
        break;
      default:
        this.takeJson(block);
    }
  }

  private takeJson(block: Block): void {
    const part = new JsonPart(this.file, block, this.decoder);
    if (block.kind === 'H') this.header = part;
    else if (block.kind === 'X') this.extra = part;
    else if (block.kind === 'L') this.takeLayout(part);
    else if (block.kind === 'T') this.takeTypes(part);
    else if (block.kind === 'C') this.takeCodes(part);
    else if (block.kind === 'Z') {
      this.end = part;
      this.endOffset = block.offset;
    }
  }

  private takeLayout(part: JsonPart): void {
    const row = recordOf(part.value);
    const names = listOf(row.names).map(listOf);
    this.layouts.set(numberOf(row.id), {
      kinds: names.map(([kind]) => textOf(kind)),
      names: names.map(([, name]) => textOf(name)),
    });
  }

  private takeTypes(part: JsonPart): void {
    for (const row of listOf(part.value)) {
      const [address, name, flags, file, line] = listOf(row);
      this.types.set(numberOf(address), {
        name: textOf(name),
        flags: numberOf(flags),
        file: textOf(file),
        line: lineOf(line),
      });
    }
  }

  private takeCodes(part: JsonPart): void {
    const { files, rows } = recordOf(part.value);
    const paths = listOf(files).map(textOf);
    for (const row of listOf(rows)) {
      const [address, name, file, line, args, positional, free] = listOf(row);
      this.codes.set(numberOf(address), {
        name: textOf(name),
        file: paths[numberOf(file)] ?? '',
        line: lineOf(line),
        arguments: listOf(args).map(textOf),
        positional: numberOf(positional),
        freeVariables: listOf(free).map(textOf),
      });
    }
  }

  private takeObjects({ bytes, offset }: Block): void {
    const fail = (expected: string) => invalid(this.file, offset, expected);
    if (bytes.length < HEAD_BYTES) throw fail('the head of an object block');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const count = view.getUint32(16, true);
    const sizeWords = view.getUint8(20) / 4;
    const lengthWords = view.getUint8(21) / 4;
    const family = FAMILIES[view.getUint8(22)];
    if (
      ![0, 1, 2].includes(sizeWords) ||
      ![0, 1].includes(lengthWords) ||
      family === undefined ||
      count === 0
    )
      throw fail('an object block that makes sense');
    if (bytes.length !== HEAD_BYTES + count * 4 * (2 + sizeWords + lengthWords))
      throw fail(`an object block as long as its ${count} objects`);
    const words = new Uint32Array(
      bytes.buffer,
      bytes.byteOffset + HEAD_BYTES,
      count * (2 + sizeWords + lengthWords),
    );
    const typeAddress = addressAt(new Uint32Array(bytes.buffer, bytes.byteOffset, 2), 0);
    if (typeAddress === NO_ADDRESS) throw fail('the address of a class');
    const sizesAt = count * 2;
    const lengthsAt = sizesAt + count * sizeWords;
    this.objects.push({
      first: this.objectCount,
      count,
      typeAddress,
      family,
      addresses: words.subarray(0, sizesAt),
      fixedBytes: view.getUint32(8, true) + view.getUint32(12, true) * 2 ** 32,
      sizes: sizeWords === 0 ? null : words.subarray(sizesAt, lengthsAt),
      sizeWords,
      lengths: lengthWords === 0 ? null : words.subarray(lengthsAt),
    });
    for (let at = 0; at < sizesAt; at += 2) {
      if (addressAt(words, at) === NO_ADDRESS)
        throw invalid(this.file, offset + HEAD_BYTES + at * 4, 'an address of user space');
    }
    this.objectCount += count;
  }

  private takeEdges({ bytes, offset }: Block): void {
    const fail = (expected: string) => invalid(this.file, offset, expected);
    if (bytes.length < HEAD_BYTES) throw fail('the head of a reference block');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const [role, hasCounts, hasOwners] = [view.getUint8(0), view.getUint8(1), view.getUint8(2)];
    const ownerCount = view.getUint32(8, true);
    const firstOwner = view.getUint32(12, true);
    const constant = view.getUint32(16, true);
    const total = view.getUint32(24, true) + view.getUint32(28, true) * 2 ** 32;
    if (role < ELEMENTS || role > SLOTS || hasCounts > 1 || hasOwners > 1)
      throw fail('a reference block that makes sense');
    const columns = role === ENTRIES ? 2 : 1;
    if (bytes.length !== HEAD_BYTES + total * 8 * columns + ownerCount * 4 * (hasOwners + hasCounts))
      throw fail(`a reference block as long as its ${total} references`);
    const words = new Uint32Array(
      bytes.buffer,
      bytes.byteOffset + HEAD_BYTES,
      (bytes.length - HEAD_BYTES) / 4,
    );
    const ownersAt = total * 2 * columns;
    const countsAt = ownersAt + ownerCount * hasOwners;
    const owners = hasOwners ? words.subarray(ownersAt, countsAt) : null;
    const counts = hasCounts ? words.subarray(countsAt) : null;
    if (
      owners ? owners.some((owner) => owner >= this.objectCount) : firstOwner + ownerCount > this.objectCount
    )
      throw fail('references of objects that were told before');
    let sum = constant * ownerCount;
    if (counts) {
      sum = 0;
      for (const count of counts) sum += count;
    }
    if (sum !== total) throw fail(`counts that add up to ${total}`);
    const layout = role === LAYOUT ? this.layouts.get(view.getUint32(4, true)) : null;
    if (layout === undefined || (layout && layout.names.length !== constant))
      throw fail('a layout that was told before, with a name for each reference');
    this.referenceCount += total * columns;
    this.edges.push({
      role,
      layout,
      ownerCount,
      firstOwner,
      owners,
      constant,
      counts,
      total,
      targets: words.subarray(0, total * 2),
      values: columns === 2 ? words.subarray(total * 2, total * 4) : null,
    });
  }

  private takeTexts({ bytes, offset }: Block): void {
    if (bytes.length < 8) throw invalid(this.file, offset, 'the head of a text block');
    const [count, joined] = new Uint32Array(bytes.buffer, bytes.byteOffset, 2) as unknown as [number, number];
    if (bytes.length !== 8 + count * 8 + joined)
      throw invalid(this.file, offset, `a text block of ${count} texts`);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + 8, count * 2);
    const texts = this.decoder.decode(bytes.subarray(8 + count * 8)).split('\0');
    if (texts.length !== Math.max(count, 1))
      throw invalid(this.file, offset, `${count} texts`, `${texts.length}`);
    for (let at = 0; at < count; at++) this.texts.set(addressAt(words, at * 2), texts[at]!);
  }
}

/** The address in two words; -1 for what is none: user space has 47 bits, and objects stand at multiples of 8. */
function addressAt(words: Uint32Array, at: number): number {
  const low = words[at]!;
  const high = words[at + 1]!;
  return (low & 7) !== 0 || high >= 1 << 16 || (high === 0 && low < 4096) ? NO_ADDRESS : high * 2 ** 32 + low;
}

function lineOf(value: unknown): number {
  const line = numberOf(value);
  return line > 0 && line < 1 << 30 ? line : 0;
}
