import { FormatError } from '../../base/errors.ts';
import { LIMITS, type PickleLimits } from './limits.ts';
import { describeOpcode, OP } from './opcodes.ts';
import { pythonText } from './python-text.ts';
import { GLOBALS, globalRefusal, opcodeRefusal, refusal } from './refusal.ts';
import {
  KIND,
  KIND_BITS,
  kindName,
  kindOf,
  MAX_NUMBER,
  numberOf,
  OffsetList,
  packed,
  ValueList,
} from './values.ts';

export interface InertObject {
  /** Index into `GLOBALS`. */
  readonly cls: number;
  /** Index into the dicts. */
  state: number;
}

export const NO_STATE = -1;
const EMPTY_TUPLE = 0;

/**
 * A reader of the pickles that `tracemalloc.Snapshot.dump` writes (protocol 4 up to Python 3.7, 5 since 3.8), as a machine with
 * a closed list of opcodes over typed arrays. It executes nothing: the two classes are numbers, and every other opcode, class
 * or shape is refused with its name and byte offset. Memory stays within a constant times the bytes read. Fed with
 * chunks as they come; nothing here calls itself, so that nesting costs no stack.
 */
export class Unpickler {
  readonly texts: string[] = [];
  readonly wideInts: number[] = [];
  readonly tupleMembers: ValueList = new ValueList();
  /** Members of tuple `t`: `tupleStart[t] … tupleStart[t + 1] - 1`. Tuple 0 is the empty one. */
  readonly tupleStart: ValueList = new ValueList();
  readonly tupleOffset: OffsetList = new OffsetList();
  /** Lists hold tuples only, by number. */
  readonly lists: ValueList[] = [];
  readonly dicts: Map<string, number>[] = [];
  readonly objects: InertObject[] = [];
  /** The object that the pickle holds, once STOP was seen. */
  result: number | null = null;

  private protocol = 0;
  private readonly stack: ValueList = new ValueList();
  private readonly memo: ValueList = new ValueList();
  private readonly marks: number[] = [];
  private readonly textIndex = new Map<string, number>();
  private rest: Uint8Array = new Uint8Array(0);
  private bytes: Uint8Array = this.rest;
  /** Byte offset of `bytes[0]` in the file. */
  private base = 0;
  /** Index in `bytes` of the opcode that is being carried out. */
  private at = 0;

  constructor(
    readonly file: string,
    private readonly limits: PickleLimits = LIMITS,
  ) {
    this.tupleStart.push(0);
    this.tupleStart.push(0);
    this.tupleOffset.push(0);
  }

  /** Carries out all opcodes that are complete; the rest waits for the next chunk. */
  feed(chunk: Uint8Array): void {
    if (this.rest.length === 0) {
      this.bytes = chunk;
    } else {
      this.bytes = new Uint8Array(this.rest.length + chunk.length);
      this.bytes.set(this.rest);
      this.bytes.set(chunk, this.rest.length);
    }
    const eaten = this.run();
    this.rest = new Uint8Array(this.bytes.subarray(eaten));
    this.base += eaten;
  }

  /** To be called behind the last chunk. @throws FormatError when there was no STOP */
  end(): void {
    if (this.result !== null) return;
    throw new FormatError({
      file: this.file,
      offset: this.base + this.rest.length,
      expected: this.rest.length > 0 ? `the rest of ${describeOpcode(this.rest[0]!)}` : 'more opcodes',
      found: 'the end of the file',
      truncated: true,
      hint: 'the file is cut short; take the snapshot again',
    });
  }

  private run(): number {
    const { bytes, stack, memo } = this;
    const size = bytes.length;
    let at = 0;
    while (at < size) {
      this.at = at;
      const op = bytes[at]!;
      if (this.protocol === 0 && op !== OP.PROTO) throw this.wrongOpcode();
      // The opcodes that a trace is made of come first and in full, all others below.
      const items = stack.reserve(1);
      switch (op) {
        case OP.BININT1:
          if (at + 2 > size) return at;
          items[stack.length++] = (bytes[at + 1]! << KIND_BITS) | KIND.int;
          at += 2;
          break;
        case OP.BININT2:
          if (at + 3 > size) return at;
          items[stack.length++] = ((bytes[at + 1]! | (bytes[at + 2]! << 8)) << KIND_BITS) | KIND.int;
          at += 3;
          break;
        case OP.BINGET:
          if (at + 2 > size) return at;
          items[stack.length++] = this.remembered(bytes[at + 1]!);
          at += 2;
          break;
        case OP.LONG_BINGET:
          if (at + 5 > size) return at;
          items[stack.length++] = this.remembered(this.u32(at + 1));
          at += 5;
          break;
        case OP.MARK:
          if (this.marks.length === this.limits.marks) throw this.tooMany('marks', this.limits.marks);
          if (stack.length > this.limits.stack) throw this.tooMany('values on the stack', this.limits.stack);
          this.marks.push(stack.length);
          at++;
          break;
        case OP.TUPLE:
          this.tuple(stack.length - this.mark());
          at++;
          break;
        case OP.TUPLE1:
        case OP.TUPLE2:
        case OP.TUPLE3:
          this.tuple(op - OP.TUPLE1 + 1);
          at++;
          break;
        case OP.MEMOIZE:
          if (memo.length >= this.limits.memo) throw this.tooMany('memo entries', this.limits.memo);
          memo.push(items[this.need(1)]!);
          at++;
          break;
        default: {
          const length = this.lengthAt(op, at, size);
          if (at + length > size) return at;
          this.carryOut(op, at, length);
          at += length;
          if (this.result !== null && at < size) {
            throw refusal(
              this.file,
              this.base + at,
              'the end of the file behind STOP',
              describeOpcode(bytes[at]!),
            );
          }
        }
      }
      if (stack.length > this.limits.stack) throw this.tooMany('values on the stack', this.limits.stack);
    }
    return at;
  }

  /** The opcodes of which a snapshot has few. */
  private carryOut(op: number, at: number, length: number): void {
    const { bytes, stack } = this;
    switch (op) {
      case OP.FRAME:
        break;
      case OP.BININT:
        this.int(this.u32(at + 1) | 0);
        break;
      case OP.LONG1:
        this.int(this.longInt(at + 2, length - 2));
        break;
      case OP.SHORT_BINUNICODE:
        this.text(at + 2, length - 2);
        break;
      case OP.BINUNICODE:
        this.text(at + 5, length - 5);
        break;
      case OP.NONE:
        stack.push(KIND.none);
        break;
      case OP.EMPTY_TUPLE:
        stack.push(packed(KIND.tuple, EMPTY_TUPLE));
        break;
      case OP.EMPTY_LIST:
        this.atMost(this.lists.length, 'lists');
        stack.push(packed(KIND.list, this.lists.push(new ValueList()) - 1));
        break;
      case OP.EMPTY_DICT:
        this.atMost(this.dicts.length, 'dicts');
        stack.push(packed(KIND.dict, this.dicts.push(new Map()) - 1));
        break;
      case OP.APPEND:
        this.append(1);
        break;
      case OP.APPENDS:
        this.append(stack.length - this.mark());
        break;
      case OP.SETITEM:
        this.setItems(2);
        break;
      case OP.SETITEMS:
        this.setItems(stack.length - this.mark());
        break;
      case OP.STACK_GLOBAL:
        this.global();
        break;
      case OP.NEWOBJ:
        this.newObject();
        break;
      case OP.BUILD:
        this.build();
        break;
      case OP.PROTO:
        this.proto(bytes[at + 1]!);
        break;
      case OP.STOP:
        this.stop();
        break;
      default:
        throw this.wrongOpcode();
    }
  }

  /** Bytes of one of those opcodes with its argument; more than there are when it is not complete. */
  private lengthAt(op: number, at: number, size: number): number {
    switch (op) {
      case OP.PROTO:
        return 2;
      case OP.BININT:
        return 5;
      case OP.FRAME:
        return 9;
      case OP.SHORT_BINUNICODE:
        return at + 1 < size ? 2 + this.bytes[at + 1]! : 2;
      case OP.LONG1: {
        if (at + 1 >= size) return 2;
        const { intBytes } = this.limits;
        if (this.bytes[at + 1]! > intBytes) throw this.tooMany('bytes of an int', intBytes);
        return 2 + this.bytes[at + 1]!;
      }
      case OP.BINUNICODE: {
        if (at + 5 > size) return 5;
        const { textBytes } = this.limits;
        if (this.u32(at + 1) > textBytes) throw this.tooMany('bytes of a str', textBytes);
        return 5 + this.u32(at + 1);
      }
      default:
        return 1;
    }
  }

  private u32(at: number): number {
    const { bytes } = this;
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }

  /** Two's complement, little end first. Beyond 2^53 the nearest double. */
  private longInt(at: number, length: number): number {
    let value = 0n;
    for (let byte = length - 1; byte >= 0; byte--) value = (value << 8n) | BigInt(this.bytes[at + byte]!);
    return Number(BigInt.asIntN(length * 8, value));
  }

  private int(value: number): void {
    const fits = value >= 0 && value <= MAX_NUMBER;
    this.stack.push(fits ? packed(KIND.int, value) : packed(KIND.wideInt, this.wideInts.push(value) - 1));
  }

  private text(at: number, length: number): void {
    const text = pythonText(this.bytes.subarray(at, at + length));
    if (text === null) throw this.wrong('text in UTF-8', 'other bytes');
    let index = this.textIndex.get(text);
    if (index === undefined) {
      index = this.texts.push(text) - 1;
      this.textIndex.set(text, index);
    }
    this.stack.push(packed(KIND.text, index));
  }

  private remembered(index: number): number {
    const { memo } = this;
    if (index < memo.length) return memo.items[index]!;
    throw this.wrong(`one of the ${memo.length} memo entries so far`, `memo entry ${index}`);
  }

  private tuple(length: number): void {
    const { stack, tupleMembers: members, tupleOffset } = this;
    const from = this.need(length);
    const tuple = tupleOffset.length;
    if (tuple >= this.limits.tuples) throw this.tooMany('tuples', this.limits.tuples);
    const { items } = stack;
    const target = members.reserve(length);
    for (let at = 0; at < length; at++) target[members.length + at] = items[from + at]!;
    members.length += length;
    items[from] = (tuple << KIND_BITS) | KIND.tuple;
    stack.length = from + 1;
    tupleOffset.push(this.base + this.at);
    this.tupleStart.push(members.length);
  }

  private append(count: number): void {
    const from = this.need(count + 1) + 1;
    const list = this.lists[this.numberAt(from - 1, KIND.list)]!;
    for (let at = from; at < from + count; at++) list.push(this.numberAt(at, KIND.tuple));
    this.stack.length = from;
  }

  private setItems(count: number): void {
    if (count % 2 !== 0) throw this.wrong('a value for each key', `${count} values`);
    const from = this.need(count + 1) + 1;
    const dict = this.dicts[this.numberAt(from - 1, KIND.dict)]!;
    for (let at = from; at < from + count; at += 2) {
      this.atMost(dict.size, 'keys of a dict');
      dict.set(this.texts[this.numberAt(at, KIND.text)]!, this.stack.items[at + 1]!);
    }
    this.stack.length = from;
  }

  private global(): void {
    const from = this.need(2);
    const [module, name] = [from, from + 1].map((at) => this.texts[this.numberAt(at, KIND.text)]!);
    const index = GLOBALS.indexOf(`${module}.${name}`);
    if (index === -1) {
      throw globalRefusal(this.file, this.base + this.at, `${module}.${name}`, OP.STACK_GLOBAL);
    }
    this.stack.length = from;
    this.stack.push(packed(KIND.global, index));
  }

  private newObject(): void {
    const from = this.need(2);
    const cls = this.numberAt(from, KIND.global);
    if (this.numberAt(from + 1, KIND.tuple) !== EMPTY_TUPLE) throw this.wrong('no arguments', 'some');
    this.atMost(this.objects.length, 'objects');
    this.stack.length = from;
    this.stack.push(packed(KIND.object, this.objects.push({ cls, state: NO_STATE }) - 1));
  }

  private build(): void {
    const from = this.need(2);
    const object = this.objects[this.numberAt(from, KIND.object)]!;
    if (object.state !== NO_STATE) throw this.wrong('an object without attributes', 'one that has them');
    object.state = this.numberAt(from + 1, KIND.dict);
    this.stack.length = from + 1;
  }

  private proto(version: number): void {
    if (this.protocol !== 0) throw this.wrong('one PROTO', 'another one');
    if (version !== 4 && version !== 5) throw this.wrong('pickle protocol 4 or 5', `protocol ${version}`);
    this.protocol = version;
  }

  private stop(): void {
    const top = this.need(1);
    if (top !== 0 || this.marks.length > 0) throw this.wrong('one value on the stack', 'more');
    this.result = this.numberAt(top, KIND.object);
  }

  /** The place on the stack from which `count` values lie above the last mark. */
  private need(count: number): number {
    const from = this.stack.length - count;
    if (from < (this.marks.length === 0 ? 0 : this.marks[this.marks.length - 1]!)) {
      throw this.wrong(`values on the stack: ${count}`, 'fewer');
    }
    return from;
  }

  private mark(): number {
    const mark = this.marks.pop();
    if (mark === undefined) throw this.wrong('a MARK before', 'none');
    return mark;
  }

  /** Number of the value at a place of the stack, which must be of a kind. */
  private numberAt(at: number, kind: number): number {
    const value = this.stack.items[at]!;
    if (kindOf(value) !== kind) throw this.wrong(kindName(kind), kindName(kindOf(value)));
    return numberOf(value);
  }

  private atMost(count: number, what: string): void {
    if (count >= this.limits.containers) throw this.tooMany(what, this.limits.containers);
  }

  private tooMany(what: string, limit: number): FormatError {
    return refusal(this.file, this.base + this.at, `at most ${limit} ${what}`, 'more');
  }

  private wrong(expected: string, found: string): FormatError {
    const op = describeOpcode(this.bytes[this.at]!);
    return refusal(this.file, this.base + this.at, `${expected} for ${op}`, found);
  }

  private wrongOpcode(): FormatError {
    const following = this.bytes.subarray(this.at);
    return opcodeRefusal(this.file, this.base + this.at, following, this.protocol === 0);
  }
}
