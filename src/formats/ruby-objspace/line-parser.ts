import { SequenceInterner } from '../../base/sequence-interner.ts';
import { decoded } from './byte-texts.ts';
import { type DumpRecords, FROZEN, HAS_VALUE, NO_CLASS, SHARED, SINGLETON } from './records.ts';
import { KEY, KEY_WORDS, TYPE, TYPE_WORDS } from './words.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const ZERO = 0x30;
const LETTER_X = 0x78;
const LINE_END = 0x0a;

/** What stands there is not what it should be. */
const BAD = -1;
/** Beyond these an id would not be exact; no address of user space is. */
const MAX_ADDRESS = 2 ** 47;
const HASHED_VALUE_BYTES = 16;

const HEX = hexDigits();
/** `true` and the ends of the flags, loaded as one number. */
const TRUE = 0x65757274;

/** `good`: taken. `repaired`: taken although the path of its allocation site was written unescaped. `bad`: left out. */
export type Outcome = 'good' | 'repaired' | 'bad';

/**
 * Reads one line at a time into the records. Knows the fields of `objspace_dump.c` from Ruby 2.7 to 3.4, in whatever order
 * they come, and passes over others. Makes no object and no text but for classes, shapes and new names.
 */
export class LineParser {
  outcome: Outcome = 'good';
  /** Node whose line has lost its end to the next line. */
  endless = -1;
  /** Stacks of one frame: path, method (both of `records.words`) and line. */
  readonly sites: SequenceInterner = new SequenceInterner();

  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  /** Value that was read last. */
  private value = 0;
  private readonly frame: Uint32Array = new Uint32Array(3);

  constructor(private readonly records: DumpRecords) {}

  /** Lines are read from here from now on; `LOOK_AHEAD_BYTES` must follow the last of them. */
  readFrom(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Takes the line at `from`. Sets `outcome`.
   *
   * @param limit end of the last line end; every line before it has one
   * @param offset of `from` in the dump
   * @returns where the next line begins; when the line is bad, some place in it
   */
  parse(from: number, limit: number, offset: number): number {
    const { records, bytes, view } = this;
    const { references, values, words } = records;
    records.reserve();
    const node = records.count;
    const firstReference = references.length;
    const firstValue = values.count;
    this.endless = -1;

    let type = -1;
    let typeWord = 0;
    let address = 0;
    let classOf = NO_CLASS;
    let flags = 0;
    let detail = 0;
    let print = 0;
    let shape = -1;
    let memsize = 0;
    let entries = -1;
    let size = -1;
    let capacity = -1;
    let defaultProc = 0;
    let superclass = 0;
    let name: string | null = null;
    let file = -1;
    let lineNumber = 0;
    let method = 0;
    let id = -1;
    let parent = -1;
    let addsIvar = false;

    let at = bytes[from] === OPEN ? from + 1 : BAD;
    while (at > 0) {
      if (bytes[at] !== QUOTE) {
        at = BAD;
        break;
      }
      at++;
      const key = KEY_WORDS.find(view, at);
      if (key === 0) {
        at = this.passKey(at);
        if (at > 0) at = this.passValue(at);
      } else {
        at += KEY_WORDS.lengths[key]!;
        while (bytes[at] === SPACE) at++;
        switch (key) {
          case KEY.address:
            at = this.address(at);
            address = this.value;
            break;
          case KEY.type:
            type = bytes[at] === QUOTE ? TYPE_WORDS.find(view, at + 1) : BAD;
            if (type > 0) {
              at += 1 + TYPE_WORDS.lengths[type]!;
            } else {
              const start = at + 1;
              at = this.string(at);
              if (at > 0) typeWord = words.numberOf(bytes, start, at - 1);
            }
            break;
          case KEY.class:
            // In method entries and caches of Ruby 3.1 some other number stands here.
            if (type === TYPE.IMEMO) {
              at = this.passValue(at);
              break;
            }
            at = this.address(at);
            if (at > 0) classOf = records.classAddresses.numberOf(this.value);
            break;
          case KEY.frozen:
            flags |= FROZEN;
            at = this.passLiteral(at);
            break;
          case KEY.shared:
            flags |= SHARED;
            at = this.passLiteral(at);
            break;
          case KEY.singleton:
            flags |= SINGLETON;
            at = this.passLiteral(at);
            break;
          case KEY.embedded:
          case KEY.fstring:
            at = this.passLiteral(at);
            break;
          case KEY.slot_size:
          case KEY.ivars:
            at = this.number(at);
            break;
          case KEY.shape_id:
            at = this.number(at);
            shape = this.value;
            break;
          case KEY.bytesize:
            at = this.number(at);
            size = this.value;
            print = Math.imul(print ^ size, 0x01000193);
            break;
          case KEY.capacity:
            at = this.number(at);
            capacity = this.value;
            break;
          case KEY.generation:
            at = this.number(at);
            print = Math.imul(print ^ this.value, 0x01000193);
            break;
          case KEY.value: {
            const start = at + 1;
            // A value without escapes is as long as its bytesize says; a quote inside has a backslash before it.
            const end = start + size;
            if (
              size > 0 &&
              end < limit &&
              bytes[at] === QUOTE &&
              bytes[end] === QUOTE &&
              bytes[end - 1] !== BACKSLASH
            )
              at = end + 1;
            else at = this.string(at);
            if (at <= 0 || (type !== TYPE.STRING && type !== TYPE.SYMBOL)) break;
            detail = values.add(bytes, start, at - 1, offset + (start - from));
            flags |= HAS_VALUE;
            const hashed = Math.min(at - 1, start + HASHED_VALUE_BYTES);
            for (let byte = start; byte < hashed; byte++) print = Math.imul(print ^ bytes[byte]!, 0x01000193);
            break;
          }
          case KEY.references:
            at = this.referenceList(at);
            break;
          case KEY.memsize:
            at = this.number(at);
            memsize = this.value;
            break;
          case KEY.flags:
            at = this.passFlags(at);
            break;
          case KEY.size:
          case KEY.length:
            at = this.number(at);
            entries = this.value;
            break;
          case KEY.default:
            at = this.address(at);
            defaultProc = this.value;
            break;
          case KEY.struct:
          case KEY.imemo_type:
          case KEY.root: {
            const start = at + 1;
            at = this.string(at);
            if (at > 0) detail = words.numberOf(bytes, start, at - 1);
            break;
          }
          case KEY.superclass:
            at = this.address(at);
            superclass = this.value;
            break;
          case KEY.name:
          case KEY.edge_name: {
            const start = at + 1;
            at = this.string(at);
            if (at > 0) name = decoded(bytes.subarray(start, at - 1));
            break;
          }
          case KEY.file: {
            const start = at + 1;
            at = this.string(at);
            file = at > 0 ? words.numberOf(bytes, start, at - 1) : 0;
            break;
          }
          case KEY.line:
            at = this.number(at);
            lineNumber = this.value;
            break;
          case KEY.method: {
            const start = at + 1;
            at = this.string(at);
            if (at > 0) method = words.numberOf(bytes, start, at - 1);
            break;
          }
          case KEY.id:
            at = this.number(at);
            id = this.value;
            break;
          case KEY.parent_id:
            at = this.number(at);
            parent = this.value;
            break;
          case KEY.shape_type: {
            const start = at + 1;
            at = this.string(at);
            addsIvar = at - 1 - start === 4 && bytes[start] === 0x49;
            break;
          }
          default:
            at = this.passValue(at);
        }
      }
      if (at <= 0) break;
      if (bytes[at] === COMMA) {
        at++;
        while (bytes[at] === SPACE) at++;
      } else {
        if (bytes[at] !== CLOSE) at = BAD;
        break;
      }
    }
    if (at > 0) {
      at++;
      while (bytes[at] === SPACE || bytes[at] === 0x0d) at++;
      if (bytes[at] !== LINE_END || at >= limit) at = BAD;
    }

    this.outcome = 'good';
    let next = at + 1;
    if (at <= 0 || type < 0) {
      next = from;
      // `file` is written without escapes: quotes and line ends in a path break the line behind it, not before.
      if (file < 0 || type <= TYPE.NONE || address <= 0) return this.refuse(from, firstReference, firstValue);
      this.outcome = 'repaired';
      memsize = this.memsizeInRest(from);
      if (memsize < 0) this.endless = node;
      memsize = Math.max(memsize, 0);
      file = 0;
    }
    if (type === TYPE.SHAPE || type === TYPE.NONE) {
      if (type === TYPE.SHAPE && id >= 0) records.shapes.set(id, { parent, name: addsIvar ? name : null });
      references.cut(firstReference);
      return next;
    }
    if (type === TYPE.ROOT) address = Number.NaN;
    else if (!(address > 0)) return this.refuse(from, firstReference, firstValue);
    if (type === TYPE.IMEMO) classOf = NO_CLASS;
    if (type === 0) detail = typeWord;

    records.count++;
    records.address[node] = address;
    records.type[node] = type;
    records.flags[node] = flags;
    records.classOf[node] = classOf;
    records.referenceEnd[node] = references.length;
    records.detail[node] = detail;
    records.print[node] = print ^ (print >>> 8) ^ (print >>> 16) ^ (print >>> 24);
    if (memsize > 0xffffffff) records.setMemsize(node, memsize);
    else records.memsize[node] = memsize;
    if (shape >= 0) records.setShape(node, shape);
    if (entries >= 0) records.addEntries(node, entries);
    if (type === TYPE.STRING && capacity - size >= LEAST_SPARE_BYTES && size >= 0)
      records.spareBytes.set(node, capacity - size);
    if (defaultProc > 0) records.defaultProcs.set(node, defaultProc);
    if (type === TYPE.CLASS || type === TYPE.MODULE || type === TYPE.ICLASS)
      records.classes.set(node, { superclass, name });
    if (file > 0) {
      this.frame[0] = file;
      this.frame[1] = method;
      this.frame[2] = lineNumber;
      records.setSite(node, this.sites.intern(this.frame) + 1);
    }
    return next;
  }

  /** A line that is the rest of the one before: takes its memsize. False when it is none. */
  takeRest(node: number, from: number): boolean {
    if (node < 0) return false;
    const memsize = this.memsizeInRest(from);
    this.endless = memsize < 0 ? node : -1;
    if (memsize >= 0) this.records.setMemsize(node, memsize);
    return true;
  }

  private refuse(from: number, firstReference: number, firstValue: number): number {
    this.records.references.cut(firstReference);
    this.records.values.cut(firstValue);
    this.outcome = 'bad';
    return from;
  }

  /** `"0x7f…"`; returns where it ends, BAD when it is none. */
  private address(at: number): number {
    const { bytes, view } = this;
    // Twelve digits is what all addresses of 64-bit Linux and macOS have.
    if (
      bytes[at] === QUOTE &&
      bytes[at + 15] === QUOTE &&
      bytes[at + 1] === ZERO &&
      bytes[at + 2] === LETTER_X
    ) {
      const high = hexWord(view.getInt32(at + 3, true));
      const middle = hexWord(view.getInt32(at + 7, true));
      const low = hexWord(view.getInt32(at + 11, true));
      if ((high | middle | low) >= 0) {
        this.value = high * 0x100000000 + (((middle << 16) | low) >>> 0);
        return high < 0x8000 && (low & 7) === 0 ? at + 16 : BAD;
      }
    }
    return this.anyAddress(at);
  }

  private anyAddress(at: number): number {
    const { bytes } = this;
    if (bytes[at] !== QUOTE || bytes[at + 1] !== ZERO || bytes[at + 2] !== LETTER_X) return BAD;
    let next = at + 3;
    let value = 0;
    for (let digit = HEX[bytes[next]!]!; digit >= 0; digit = HEX[bytes[++next]!]!) value = value * 16 + digit;
    this.value = value;
    if (bytes[next] !== QUOTE || next === at + 3 || value >= MAX_ADDRESS || value % 8 !== 0) return BAD;
    return next + 1;
  }

  private referenceList(start: number): number {
    const { bytes } = this;
    const { references } = this.records;
    let at = start;
    if (bytes[at] !== OPEN_LIST) return BAD;
    at++;
    if (bytes[at] === CLOSE_LIST) return at + 1;
    for (;;) {
      at = this.address(at);
      if (at < 0) return BAD;
      references.push(this.value);
      if (bytes[at] === COMMA) {
        at++;
        while (bytes[at] === SPACE) at++;
      } else {
        return bytes[at] === CLOSE_LIST ? at + 1 : BAD;
      }
    }
  }

  /** A number without sign. */
  private number(at: number): number {
    const { bytes } = this;
    let next = at;
    let value = 0;
    for (let digit = bytes[next]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++next]! - ZERO)
      value = value * 10 + digit;
    this.value = value;
    return next === at || value > Number.MAX_SAFE_INTEGER ? BAD : next;
  }

  /** Index behind the closing quote of a string; BAD when it is none. */
  private string(at: number): number {
    const { bytes } = this;
    if (bytes[at] !== QUOTE) return BAD;
    let next = at + 1;
    for (;;) {
      const byte = bytes[next]!;
      if (byte > BACKSLASH) next++;
      else if (byte === QUOTE) return next + 1;
      else if (byte === BACKSLASH) next += bytes[next + 1] === LINE_END ? 1 : 2;
      else if (byte === LINE_END) return BAD;
      else next++;
    }
  }

  private passLiteral(at: number): number {
    return this.view.getInt32(at, true) === TRUE ? at + 4 : this.passValue(at);
  }

  private passKey(at: number): number {
    const next = this.string(at - 1);
    if (next < 0 || this.bytes[next] !== COLON) return BAD;
    let value = next + 1;
    while (this.bytes[value] === SPACE) value++;
    return value;
  }

  /** The flags of the collector: their names are passed by their lengths. */
  private passFlags(start: number): number {
    const { bytes, view } = this;
    let at = start;
    if (bytes[at] !== OPEN) return this.passValue(start);
    at++;
    for (;;) {
      let length = FLAG_LENGTHS[bytes[at + 1]!]!;
      if (length === 0 || bytes[at] !== QUOTE || view.getInt32(at + length - 4, true) !== TRUE) {
        // `marking` is one longer than `marked`.
        if (bytes[at + 1] !== FLAG_M || view.getInt32(at + ++length - 4, true) !== TRUE)
          return this.passValue(start);
      }
      at += length;
      if (bytes[at] === COMMA) at += bytes[at + 1] === SPACE ? 2 : 1;
      else return bytes[at] === CLOSE ? at + 1 : this.passValue(start);
    }
  }

  /** Index behind a value of any kind, BAD when it does not end. */
  private passValue(at: number): number {
    const { bytes } = this;
    const first = bytes[at]!;
    if (first === QUOTE) return this.string(at);
    if (first !== OPEN && first !== OPEN_LIST) {
      let next = at;
      // Numbers and literals.
      while (isPlain(bytes[next]!)) next++;
      return next > at ? next : BAD;
    }
    let depth = 0;
    for (let next = at; ; next++) {
      const byte = bytes[next]!;
      if (byte === QUOTE) {
        next = this.string(next) - 1;
        if (next < 0) return BAD;
      } else if (byte === OPEN || byte === OPEN_LIST) {
        depth++;
      } else if (byte === CLOSE || byte === CLOSE_LIST) {
        if (--depth === 0) return next + 1;
      } else if (byte === LINE_END) {
        return BAD;
      }
    }
  }

  /** The last `"memsize":N` of the line; -1 when there is none. */
  private memsizeInRest(from: number): number {
    const { bytes } = this;
    let to = from;
    while (bytes[to] !== LINE_END) to++;
    for (let at = to - MEMSIZE.length; at >= from; at--) {
      let matched = 0;
      while (matched < MEMSIZE.length && bytes[at + matched] === MEMSIZE[matched]) matched++;
      if (matched === MEMSIZE.length) return this.number(at + matched) < 0 ? -1 : this.value;
    }
    return -1;
  }
}

/** Digits, letters, `+ - .`: what numbers, `true`, `false` and `null` are made of. */
function isPlain(byte: number): boolean {
  return (byte >= ZERO && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d || byte === 0x2e;
}

/** Less room than this that a text does not use yet is not noted. */
const LEAST_SPARE_BYTES = 1024;
const MEMSIZE = new TextEncoder().encode('"memsize":');
const FLAG_M = 0x6d;
/** Length of `"name":true` by the first letter of the name. */
const FLAG_LENGTHS: Uint8Array = (() => {
  const lengths = new Uint8Array(256);
  for (const name of ['wb_protected', 'old', 'uncollectible', 'marked', 'pinned'])
    lengths[name.charCodeAt(0)] = name.length + 7;
  return lengths;
})();

/** Value of a hex digit, -1 for other bytes. */
function hexDigits(): Int8Array {
  const digits = new Int8Array(256).fill(-1);
  for (let digit = 0; digit < 16; digit++) {
    const text = digit.toString(16);
    digits[text.charCodeAt(0)] = digit;
    digits[text.toUpperCase().charCodeAt(0)] = digit;
  }
  return digits;
}

/** Four hex digits that were loaded as one little-endian number; negative when a byte is none. */
function hexWord(word: number): number {
  // Digits have bit 4, letters bit 6; letters count from 9 on in their low nibble.
  const digits = (word & 0x0f0f0f0f) + 9 * ((word >>> 6) & 0x01010101);
  if ((((word >>> 2) ^ word) & 0x10101010) !== 0x10101010 || (digits & 0xf0f0f0f0) !== 0) return -1;
  const pairs = ((digits & 0x000f000f) << 4) | ((digits >>> 8) & 0x000f000f);
  return ((pairs & 0xff) << 8) | (pairs >>> 16);
}
