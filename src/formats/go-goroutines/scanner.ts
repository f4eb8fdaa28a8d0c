import {
  GOROUTINE_ELIDED,
  GOROUTINE_NO_STACK,
  type GoroutineCut,
  type GoroutineDump,
} from '../../model/goroutines.ts';
import { ByteTable } from './byte-table.ts';
import { type HeaderState, parseHeaderState } from './header.ts';
import { LogPrefix } from './log-prefix.ts';
import { GoroutineRows } from './rows.ts';
import { NONE, StackTrie } from './stack-trie.ts';
import { finishDump } from './tables.ts';
import { ascii, lastOpenBracket, numberAt, pcOffsetAt, placeEnd, startsWith } from './text-bytes.ts';

const TAB = 9;
const SPACE = 32;
const DOT = 46;
const OPEN = 40;
const CLOSE = 41;
const SQUARE = 91;
const GOROUTINE = ascii('goroutine ');
const CREATED_BY = ascii('created by ');
const IN_GOROUTINE = ascii(' in goroutine ');
const ORIGINATING = ascii('[originating from goroutine ');
const ELSEWHERE = ascii('goroutine running on other thread');
const SEPARATOR = ascii('-----');
/** What Go, a shell or Markdown writes right behind the last goroutine. */
const AFTERWARDS = /^(?:exit status \d+|```|-----|r(?:ax|bx|cx|dx|di|si|bp|sp|ip|flags|\d+) +0x|\[.*\]$)/;
const CAUSE = /^(?:panic: |fatal error: |SIG[A-Z0-9]+: |runtime: |unexpected fault address )/;
/** A header further into its line than this is no log prefix. */
const MAX_PREFIX_BYTES = 256;
const MAX_CAUSE_CHARS = 200;

/** `outside` all goroutines · `frames` a function comes next · `place` its file does · `created` the creator's file does ·
 * `done` the goroutine is whole · `skip` until the next one. */
type State = 'outside' | 'frames' | 'place' | 'created' | 'done' | 'skip';

/** Takes the lines of a text one by one and finds the goroutines in it. See `docs/formats/go-goroutines.md` for the grammar. */
export class GoroutineScanner {
  readonly dumps: GoroutineDump[] = [];
  readonly trie: StackTrie = new StackTrie();
  readonly headers: ByteTable = new ByteTable();
  readonly headerStates: (HeaderState | null)[] = [];
  /** Node of the creator's function and place; they are frames too. */
  private readonly creationOf = new Map<number, number>();
  /** Which frame created the goroutine with this stack last. */
  private readonly creationAt = new Map<number, number>();
  private expectedCreation = NONE;

  private state: State = 'outside';
  private prefix: LogPrefix | null = null;
  private rows = new GoroutineRows();
  private ids = new Map<number, number>();
  private dumpOffset = 0;
  private at: string | null = null;
  private cause: string | null = null;
  private pendingCause: string | null = null;
  private separated = false;
  private repeated = 0;
  private unreadable = 0;
  private firstUnreadable = { line: 0, offset: 0 };

  private id = 0;
  private headerOffset = 0;
  private header = NONE;
  private lastHeader = NONE;
  private node = 0;
  private fn = NONE;
  /** The function has no brackets: of C if its place follows, else some other word. */
  private isBare = false;
  private creation = 0;
  private creatorId = 0;
  private flags = 0;
  private lineNumber = 0;
  private lineOffset = 0;

  constructor(private readonly file: string) {}

  /** One line without its line end, at `offset` in the whole text. */
  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    this.lineNumber++;
    this.lineOffset = offset;
    if (end > start && bytes[end - 1] === 13) end--;
    if (this.prefix !== null && this.state !== 'outside') {
      const text = this.prefix.textStart(bytes, start, end);
      if (text < 0) {
        // Another writer's line in between, or the next goroutine behind a new prefix.
        this.prefixedHeader(bytes, start, end, offset);
        return;
      }
      start = text;
    }
    if (start === end || (bytes[start]! === SPACE && isBlank(bytes, start, end))) {
      if (this.state !== 'outside') this.endGoroutine();
      return;
    }
    if (bytes[start] === 103 && this.headerAt(bytes, start, end, offset)) return;
    if (this.state === 'outside') this.outside(bytes, start, end, offset);
    else if (this.state !== 'skip' && !this.inside(bytes, start, end))
      this.strange(bytes, start, end, offset);
  }

  /** The end of the text. `midLine`: the last line had no line end. */
  end(offset: number, midLine: boolean, atLimit: boolean): void {
    const open = this.state !== 'outside';
    const unfinished =
      open &&
      (atLimit ||
        (this.state === 'place' && !this.isBare) ||
        this.state === 'created' ||
        (this.state === 'frames' && this.lacksEnd(midLine)));
    let cut: GoroutineCut | null = null;
    if (unfinished) {
      cut = { offset: this.headerOffset, atLimit };
      this.state = 'outside';
    } else {
      this.endGoroutine();
      if (atLimit) cut = { offset, atLimit };
    }
    this.endDump(cut);
  }

  private headerAt(bytes: Uint8Array, start: number, end: number, offset: number): boolean {
    if (!startsWith(bytes, start, end, GOROUTINE)) return false;
    let at = start + GOROUTINE.length;
    let id = 0;
    const digits = at;
    for (; at < end && bytes[at]! >= 48 && bytes[at]! <= 57; at++) id = id * 10 + bytes[at]! - 48;
    if (at === digits || bytes[at] !== SPACE) return false;
    // gp=0x… m=0 mp=0x… of Go 1.22 and later stand between.
    let open = at + 1;
    while (open < end && bytes[open] !== SQUARE) open++;
    if (open > at + 1 && !startsWith(bytes, at, end, GP)) return false;
    if (open === end) return false;
    let header = this.lastHeader;
    if (header === NONE || !this.isHeader(header, bytes, open, end)) {
      const known = this.headers.count;
      header = this.headers.intern(bytes, open, end);
      if (header === known) this.headerStates.push(parseHeaderState(this.headers.text(header)));
    }
    if (this.headerStates[header] === null) return false;
    this.lastHeader = header;
    if (this.state !== 'outside') this.endGoroutine();
    this.begin(id, header, offset);
    return true;
  }

  private isHeader(header: number, bytes: Uint8Array, start: number, end: number): boolean {
    return this.headers.is(header, bytes, start, end);
  }

  private begin(id: number, header: number, offset: number): void {
    const known = this.ids.get(id);
    const isNewDump = known !== undefined && id !== 0 && !this.separated;
    if (isNewDump || (this.pendingCause !== null && this.rows.count > 0 && !this.separated))
      this.endDump(null);
    if (this.rows.count === 0) {
      this.dumpOffset = offset;
      this.at = this.prefix?.time ?? null;
    }
    if (this.pendingCause !== null) {
      this.cause ??= this.pendingCause;
      this.pendingCause = null;
    }
    this.id = id;
    this.header = header;
    this.headerOffset = offset;
    this.node = 0;
    this.fn = NONE;
    this.creation = 0;
    this.creatorId = 0;
    this.flags = 0;
    this.state = 'frames';
  }

  private outside(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (this.prefixedHeader(bytes, start, end, offset)) return;
    const first = bytes[start]!;
    if (first === 45 && startsWith(bytes, start, end, SEPARATOR)) this.separated = this.rows.count > 0;
    // p, f, S, r, u
    if (first === 112 || first === 102 || first === 83 || first === 114 || first === 117) {
      const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + MAX_CAUSE_CHARS)));
      if (CAUSE.test(text)) this.pendingCause ??= text;
    }
  }

  /** A header with something before it: a log prefix, an indent, a quote mark. */
  private prefixedHeader(bytes: Uint8Array, start: number, end: number, offset: number): boolean {
    if (bytes[end - 1] !== 58) return false;
    const limit = Math.min(end - GOROUTINE.length, start + MAX_PREFIX_BYTES);
    for (let at = start + 1; at < limit; at++) {
      if (bytes[at] !== 103 || !startsWith(bytes, at, end, GOROUTINE)) continue;
      const former = this.prefix;
      this.prefix = new LogPrefix(bytes.subarray(start, at));
      if (this.headerAt(bytes, at, end, offset)) return true;
      this.prefix = former;
    }
    return false;
  }

  /** A line of the goroutine; false when it is none. */
  private inside(bytes: Uint8Array, start: number, end: number): boolean {
    switch (this.state) {
      case 'frames':
        return this.frameLine(bytes, start, end);
      case 'place':
        return this.placeLine(bytes, start, end);
      case 'created':
        return this.creatorPlace(bytes, start, end);
      default:
        return this.afterCreation(bytes, start, end);
    }
  }

  private frameLine(bytes: Uint8Array, start: number, end: number): boolean {
    const { trie } = this;
    const first = bytes[start]!;
    if (first === 99 && startsWith(bytes, start, end, CREATED_BY)) return this.creator(bytes, start, end);
    if (first === DOT && startsWith(bytes, start, end, DOTS)) {
      this.node = trie.step(this.node, trie.elided());
      this.flags |= GOROUTINE_ELIDED;
      return true;
    }
    if (first === SQUARE && startsWith(bytes, start, end, ORIGINATING)) {
      this.state = 'skip';
      return true;
    }
    if (first === TAB || first === SPACE) {
      const text = skipBlank(bytes, start, end);
      if (!startsWith(bytes, text, end, ELSEWHERE)) return false;
      this.flags |= GOROUTINE_NO_STACK;
      return true;
    }
    const expected = trie.expected(this.node);
    if (expected !== NONE) {
      const fn = trie.frameFunction[trie.frameOf[expected]!]!;
      const open = start + trie.functions.lengthOf(fn);
      if (
        open < end &&
        bytes[open] === OPEN &&
        bytes[end - 1] === CLOSE &&
        trie.functions.isAt(fn, bytes, start) &&
        lastOpenBracket(bytes, open, end) === open
      ) {
        this.fn = fn;
        this.isBare = false;
        this.state = 'place';
        return true;
      }
    }
    // The name of a C function has no brackets; nothing else is without them and without spaces.
    const isCall = bytes[end - 1] === CLOSE;
    const nameEnd = isCall ? lastOpenBracket(bytes, start, end) : end;
    if (nameEnd <= start || hasSpace(bytes, start, nameEnd) || !isNameStart(first)) return false;
    this.isBare = !isCall;
    this.fn = trie.functions.intern(bytes, start, nameEnd);
    this.state = 'place';
    return true;
  }

  private placeLine(bytes: Uint8Array, start: number, end: number): boolean {
    const { trie } = this;
    const at = skipBlank(bytes, start, end);
    if (at === start) return this.functionWithoutPlace(bytes, start, end);
    const expected = trie.expected(this.node);
    if (expected !== NONE) {
      const frame = trie.frameOf[expected]!;
      if (trie.frameFunction[frame] === this.fn && this.isPlace(frame, bytes, at, end)) {
        this.node = expected;
        this.fn = NONE;
        this.state = 'frames';
        return true;
      }
    }
    const stop = placeEnd(bytes, at, end);
    if (stop < 0) return false;
    const place = trie.places.intern(bytes, at, stop);
    this.node = trie.step(this.node, trie.frame(this.fn, place, pcOffsetAt(bytes, stop, end)));
    this.fn = NONE;
    this.state = 'frames';
    return true;
  }

  /** True when the place of a known frame stands here, with nothing but addresses behind it. */
  private isPlace(frame: number, bytes: Uint8Array, at: number, end: number): boolean {
    const { places, framePlace } = this.trie;
    const place = framePlace[frame]!;
    const length = places.lengthOf(place);
    const stop = at + length;
    return (
      length > 0 && stop <= end && (stop === end || bytes[stop] === SPACE) && places.isAt(place, bytes, at)
    );
  }

  /** A line was lost: the function stands without its place, and the line is one of the next frame. */
  private functionWithoutPlace(bytes: Uint8Array, start: number, end: number): boolean {
    this.closeFunction();
    this.state = 'frames';
    if (this.unreadable++ === 0) this.firstUnreadable = { line: this.lineNumber, offset: this.lineOffset };
    return this.frameLine(bytes, start, end);
  }

  private closeFunction(): void {
    const { trie } = this;
    if (!this.isBare)
      this.node = trie.step(this.node, trie.frame(this.fn, trie.places.intern(NOTHING, 0, 0), -1));
    this.fn = NONE;
  }

  private creator(bytes: Uint8Array, start: number, end: number): boolean {
    const { trie } = this;
    const from = start + CREATED_BY.length;
    let nameEnd = end;
    this.creatorId = 0;
    let digits = end;
    while (digits > from && bytes[digits - 1]! >= 48 && bytes[digits - 1]! <= 57) digits--;
    const marker = digits - IN_GOROUTINE.length;
    if (digits < end && marker > from && startsWith(bytes, marker, end, IN_GOROUTINE)) {
      this.creatorId = numberAt(bytes, digits, end);
      nameEnd = marker;
    }
    if (nameEnd <= from) return false;
    this.expectedCreation = this.creationAt.get(this.node) ?? NONE;
    const known = this.expectedCreation === NONE ? NONE : trie.frameFunction[this.expectedCreation]!;
    this.fn =
      known !== NONE && trie.functions.is(known, bytes, from, nameEnd)
        ? known
        : trie.functions.intern(bytes, from, nameEnd);
    this.state = 'created';
    return true;
  }

  private creatorPlace(bytes: Uint8Array, start: number, end: number): boolean {
    const { trie } = this;
    const at = skipBlank(bytes, start, end);
    if (at === start) return false;
    let frame = this.expectedCreation;
    if (frame === NONE || trie.frameFunction[frame] !== this.fn || !this.isPlace(frame, bytes, at, end)) {
      const stop = placeEnd(bytes, at, end);
      if (stop < 0) return false;
      frame = trie.frame(this.fn, trie.places.intern(bytes, at, stop), pcOffsetAt(bytes, stop, end));
      this.creationAt.set(this.node, frame);
    }
    let creation = this.creationOf.get(frame);
    if (creation === undefined) {
      creation = this.creationOf.size + 1;
      this.creationOf.set(frame, creation);
    }
    this.creation = creation;
    this.fn = NONE;
    this.state = 'done';
    return true;
  }

  private afterCreation(bytes: Uint8Array, start: number, end: number): boolean {
    if (startsWith(bytes, start, end, ORIGINATING)) {
      this.state = 'skip';
      return true;
    }
    // Whatever follows is no part of the goroutine; a header with another prefix may begin the next one.
    this.endGoroutine();
    this.outside(bytes, start, end, this.headerOffset);
    return true;
  }

  private strange(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (this.prefixedHeader(bytes, start, end, offset)) return;
    const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 80)));
    if (AFTERWARDS.test(text) && this.state === 'frames') {
      this.endGoroutine();
      this.outside(bytes, start, end, offset);
      return;
    }
    if (this.unreadable++ === 0) this.firstUnreadable = { line: this.lineNumber, offset };
  }

  private endGoroutine(): void {
    if (this.state === 'outside') return;
    if (this.state === 'place') this.closeFunction();
    this.state = 'outside';
    if (this.id === 0) return;
    const known = this.ids.get(this.id);
    if (known === undefined) {
      this.ids.set(this.id, this.rows.count);
      this.rows.push(this.id, this.header, this.node, this.creation, this.creatorId, this.flags);
      return;
    }
    this.repeated++;
    // The thread that ran it tells what the first pass could not.
    if ((this.rows.flags[known]! & GOROUTINE_NO_STACK) !== 0 && this.node !== 0) {
      this.rows.node[known] = this.node;
      this.rows.flags[known] = this.flags;
    }
  }

  /** True when the last goroutine has no end, told by the others that have one. */
  private lacksEnd(midLine: boolean): boolean {
    if (this.node === 0) return this.flags === 0;
    if (this.id === 1) return false;
    let others = 0;
    let created = 0;
    for (let row = 0; row < this.rows.count; row++) {
      if (this.rows.id[row] === 1) continue;
      others++;
      if (this.rows.creation[row] !== 0) created++;
    }
    return others === 0 ? midLine : created === others;
  }

  private endDump(cut: GoroutineCut | null): void {
    if (this.rows.count > 0 || cut !== null) {
      this.dumps.push(
        finishDump({
          file: this.file,
          part: this.dumps.length,
          offset: this.dumpOffset,
          rows: this.rows,
          trie: this.trie,
          headers: this.headerStates,
          creationFrames: [...this.creationOf.keys()],
          cause: this.cause,
          at: this.at,
          cut,
          unreadable:
            this.unreadable === 0
              ? null
              : {
                  lines: this.unreadable,
                  firstLine: this.firstUnreadable.line,
                  offset: this.firstUnreadable.offset,
                },
          repeated: this.repeated,
        }),
      );
    }
    this.rows = new GoroutineRows();
    this.ids = new Map();
    this.cause = null;
    this.separated = false;
    this.repeated = 0;
    this.unreadable = 0;
  }
}

const GP = ascii(' gp=');
const DOTS = ascii('...');
const NOTHING = new Uint8Array(0);

/** A letter, `_` or a byte of a letter beyond ASCII. */
function isNameStart(byte: number): boolean {
  return (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte === 95 || byte >= 128;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  return skipBlank(bytes, start, end) === end;
}

function skipBlank(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === TAB || bytes[at] === SPACE)) at++;
  return at;
}

function hasSpace(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === SPACE || bytes[at] === TAB) return true;
  return false;
}
