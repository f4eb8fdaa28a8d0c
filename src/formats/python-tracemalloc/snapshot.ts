import { SequenceInterner } from '../../base/sequence-interner.ts';
import { refusal } from './refusal.ts';
import { NO_STATE, type Unpickler } from './unpickler.ts';
import { KIND, kindName, kindOf, numberOf } from './values.ts';

/** The tables of a snapshot: each different block size at each place once, with how many blocks there are. */
export interface SnapshotTables {
  readonly files: readonly string[];
  /** [file, line] */
  readonly locations: SequenceInterner;
  /** Locations, most recent call first. */
  readonly stacks: SequenceInterner;
  /** [stack, domain, size low, size high, total frames] */
  readonly rows: SequenceInterner;
  /** Blocks of each row. */
  readonly blocks: Uint32Array;
  /** Sizes of each row beyond 2^53, which are not exact. */
  readonly roundedRows: number;
  readonly traceCount: number;
  /** Frames kept of each traceback; null when the file does not say. */
  readonly tracebackLimit: number | null;
}

/** In `rows`: Python before 3.9 does not say how many frames a traceback had. */
export const UNKNOWN_FRAMES = 0xffffffff;
const SNAPSHOT = 0;
const TRACES = 1;
const UNSEEN = 0;
const MAX_U32 = 0xffffffff;
const SLOTS = 4096;

/** Walks the inert values of a pickle and checks that they are a snapshot. @throws FormatError */
export class SnapshotTaker {
  private readonly files: string[] = [];
  private readonly tupleStart: Uint32Array;
  private readonly members: Uint32Array;
  private readonly fileOfText: Uint32Array;
  private readonly locationOfTuple: Uint32Array;
  private readonly stackOfTuple: Uint32Array;
  private readonly locations = new SequenceInterner();
  private readonly stacks = new SequenceInterner();
  private frames = new Uint32Array(64);
  private readonly slotTrace = new Uint32Array(SLOTS);
  private readonly slotRow = new Uint32Array(SLOTS);
  private readonly pair = new Uint32Array(2);

  constructor(private readonly pickle: Unpickler) {
    this.tupleStart = pickle.tupleStart.items;
    this.members = pickle.tupleMembers.items;
    this.fileOfText = new Uint32Array(pickle.texts.length);
    this.locationOfTuple = new Uint32Array(pickle.tupleOffset.length);
    this.stackOfTuple = new Uint32Array(pickle.tupleOffset.length);
  }

  take(): SnapshotTables {
    const { pickle } = this;
    const state = this.stateOf(pickle.result!, SNAPSHOT);
    const holder = this.stateOf(this.member(state, 'traces', KIND.object), TRACES);
    const list = pickle.lists[this.member(holder, '_traces', KIND.list)]!;
    const traces = list.items.subarray(0, list.length);
    const limit = pickle.dicts[state]!.get('traceback_limit');
    const rows = new SequenceInterner();
    const row = new Uint32Array(5);
    let blocks = new Uint32Array(1024);
    let roundedRows = 0;
    for (let at = 0; at < traces.length; at++) {
      const trace = traces[at]!;
      const slot = this.slotOf(trace);
      if (this.isLike(trace, this.slotTrace[slot]!)) {
        blocks[this.slotRow[slot]!]!++;
        continue;
      }
      const size = this.trace(trace, row);
      const known = rows.count;
      const index = rows.intern(row, 5);
      if (rows.count > known && size > Number.MAX_SAFE_INTEGER) roundedRows++;
      if (index >= blocks.length) blocks = doubled(blocks);
      blocks[index]!++;
      this.slotTrace[slot] = trace;
      this.slotRow[slot] = index;
    }
    return {
      files: this.files,
      locations: this.locations,
      stacks: this.stacks,
      rows,
      blocks: blocks.subarray(0, rows.count),
      roundedRows,
      traceCount: traces.length,
      tracebackLimit: limit !== undefined && kindOf(limit) === KIND.int ? numberOf(limit) : null,
    };
  }

  /** Most blocks are like one seen shortly before: the slots remember one trace each, and its row. */
  private slotOf(trace: number): number {
    const { members, tupleStart } = this;
    const start = tupleStart[trace]!;
    if (tupleStart[trace + 1]! - start < 3) return 0;
    return (
      (Math.imul(members[start + 1]! ^ Math.imul(members[start + 2]!, 31), 0x9e3779b1) >>> 16) & (SLOTS - 1)
    );
  }

  /** Equal members; numbers that stand elsewhere never look equal. The empty tuple of an unused slot is like no trace. */
  private isLike(trace: number, other: number): boolean {
    const { members, tupleStart } = this;
    const start = tupleStart[trace]!;
    const from = tupleStart[other]!;
    const length = tupleStart[trace + 1]! - start;
    if (length < 3 || tupleStart[other + 1]! - from !== length) return false;
    for (let at = 0; at < length; at++) if (members[start + at] !== members[from + at]) return false;
    return true;
  }

  private stateOf(object: number, cls: number): number {
    const { cls: found, state } = this.pickle.objects[object]!;
    if (found !== cls) throw this.refuse(0, cls === SNAPSHOT ? 'a Snapshot' : 'a _Traces', 'the other class');
    if (state === NO_STATE) throw this.refuse(0, 'a snapshot with attributes', 'one without');
    return state;
  }

  private member(dict: number, key: string, kind: number): number {
    const value = this.pickle.dicts[dict]!.get(key);
    if (value !== undefined && kindOf(value) === kind) return numberOf(value);
    const found = value === undefined ? 'no such attribute' : kindName(kindOf(value));
    throw this.refuse(0, `${kindName(kind)} as the attribute ${key}`, found);
  }

  /** Fills the row of one block and gives its size: (domain, size, traceback[, total frames since 3.9]). */
  private trace(tuple: number, row: Uint32Array): number {
    const { members } = this;
    const start = this.tupleStart[tuple]!;
    const length = this.tupleStart[tuple + 1]! - start;
    if (length < 3 || length > 4 || kindOf(members[start + 2]!) !== KIND.tuple) {
      throw this.wrongTuple(tuple, 'a trace (domain, size, traceback)');
    }
    const sizeBytes = this.int(tuple, members[start + 1]!, Number.POSITIVE_INFINITY);
    row[0] = this.stack(numberOf(members[start + 2]!));
    row[1] = this.int(tuple, members[start]!, MAX_U32 - 1);
    row[2] = sizeBytes % 2 ** 32;
    row[3] = sizeBytes / 2 ** 32;
    const total = length === 4 ? members[start + 3]! : KIND.none;
    row[4] = total === KIND.none ? UNKNOWN_FRAMES : this.int(tuple, total, MAX_U32 - 1);
    return sizeBytes;
  }

  private stack(tuple: number): number {
    const seen = this.stackOfTuple[tuple]!;
    if (seen !== UNSEEN) return seen - 1;
    const { members } = this;
    const start = this.tupleStart[tuple]!;
    const length = this.tupleStart[tuple + 1]! - start;
    if (length === 0) throw this.wrongTuple(tuple, 'a traceback with a frame');
    while (length > this.frames.length) this.frames = doubled(this.frames);
    for (let at = 0; at < length; at++) {
      const frame = members[start + at]!;
      if (kindOf(frame) !== KIND.tuple) throw this.wrongTuple(tuple, 'a traceback of (file, line)');
      this.frames[at] = this.location(numberOf(frame));
    }
    const stack = this.stacks.intern(this.frames, length);
    this.stackOfTuple[tuple] = stack + 1;
    return stack;
  }

  private location(tuple: number): number {
    const seen = this.locationOfTuple[tuple]!;
    if (seen !== UNSEEN) return seen - 1;
    const { members, pair } = this;
    const start = this.tupleStart[tuple]!;
    if (this.tupleStart[tuple + 1]! - start !== 2 || kindOf(members[start]!) !== KIND.text) {
      throw this.wrongTuple(tuple, 'a frame (file, line)');
    }
    pair[0] = this.fileIndex(numberOf(members[start]!));
    pair[1] = this.int(tuple, members[start + 1]!, MAX_U32 - 1);
    const location = this.locations.intern(pair, 2);
    this.locationOfTuple[tuple] = location + 1;
    return location;
  }

  private fileIndex(text: number): number {
    if (this.fileOfText[text] === UNSEEN) this.fileOfText[text] = this.files.push(this.pickle.texts[text]!);
    return this.fileOfText[text]! - 1;
  }

  /** A whole number from 0 up to a limit. */
  private int(tuple: number, value: number, most: number): number {
    const kind = kindOf(value);
    const number = kind === KIND.wideInt ? this.pickle.wideInts[numberOf(value)]! : numberOf(value);
    if ((kind === KIND.int || kind === KIND.wideInt) && number >= 0 && number <= most) return number;
    const found = kind === KIND.int || kind === KIND.wideInt ? `${number}` : kindName(kind);
    const expected = most === Number.POSITIVE_INFINITY ? 'an int of 0 or more' : `an int from 0 to ${most}`;
    throw this.refuse(this.pickle.tupleOffset.at(tuple), expected, found);
  }

  private wrongTuple(tuple: number, expected: string): Error {
    const length = this.tupleStart[tuple + 1]! - this.tupleStart[tuple]!;
    return this.refuse(this.pickle.tupleOffset.at(tuple), expected, `another tuple, of ${length}`);
  }

  private refuse(offset: number, expected: string, found: string): Error {
    return refusal(this.pickle.file, offset, expected, found);
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(array.length * 2);
  grown.set(array);
  return grown;
}
