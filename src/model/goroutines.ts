/**
 * The goroutines of one moment, as Go's stack text tells them. It is the raw material of a `StackProfile` (see
 * `goroutineProfile` in `analysis/goroutines`) and keeps beside it what a profile has no column for: ids, creators, states.
 * Struct of arrays, one row a goroutine in the order of the text.
 */
export interface GoroutineDump {
  readonly format: 'go-goroutines';
  readonly file: string;
  /** Which dump of the file this is, from 0. */
  readonly part: number;
  /** Byte offset of its first goroutine. */
  readonly offset: number;
  readonly count: number;

  /** Goroutine ids. Never reused within a process; up to 2^53 exact. 0 is a scheduler stack (`g0`), no goroutine. */
  readonly id: Float64Array;
  /** Index into `states`. */
  readonly state: Uint16Array;
  /** "N minutes" as printed, 0 where nothing is. A hint: the runtime sets the clock at the end of a GC cycle. */
  readonly waitMinutes: Uint32Array;
  /** Sum of `GOROUTINE_*` bits. */
  readonly flags: Uint8Array;
  /** Index into `labelSets`; 0 is the empty set. */
  readonly labelSet: Uint32Array;
  /** Index into the stacks: frames are `stackFrame[firstFrame[k] … firstFrame[k + 1] - 1]`, innermost first. */
  readonly stack: Uint32Array;
  /** Index into `creations`; 0 when the text names none (the main goroutine, ids of the runtime). */
  readonly creation: Uint32Array;
  /** Id of the goroutine that ran the `go` statement; 0 when unknown (Go 1.20 and older do not print it). */
  readonly creatorId: Float64Array;

  readonly states: readonly string[];
  readonly labelSets: readonly (readonly GoroutineLabel[])[];
  readonly stackCount: number;
  readonly firstFrame: Uint32Array;
  /** Index into `frames`. */
  readonly stackFrame: Uint32Array;
  readonly frames: readonly GoFrame[];
  /** The `go` statements; `creations[0]` stands for "unknown". */
  readonly creations: readonly GoFrame[];

  /** What ended the process, for a crash or a signal. */
  readonly cause: string | null;
  /** ISO time in the log prefix of the first goroutine's line; null when there is none. */
  readonly at: string | null;
  /** Where the text stops short; null when it is whole as far as one can tell. */
  readonly cut: GoroutineCut | null;
  /** Lines within goroutines that are not of the format. */
  readonly unreadable: { readonly lines: number; readonly firstLine: number; readonly offset: number } | null;
  /** Goroutines that were printed twice (`GOTRACEBACK=crash`), counted once. */
  readonly repeated: number;
}

/** A text that ends in the middle of a goroutine. */
export interface GoroutineCut {
  readonly offset: number;
  /** True at exactly 64 MiB, where the runtime itself stops without a word. */
  readonly atLimit: boolean;
}

export interface GoFrame {
  /** Full name with package and receiver: `net/http.(*conn).serve`. */
  readonly function: string;
  /** As compiled in: absolute, or relative to the module with `-trimpath`. '' when unknown. */
  readonly file: string;
  /** 0 when unknown. */
  readonly line: number;
  /** Offset of the instruction in the function (`+0x7f`) where it was first met; other builds have others. -1 when unknown. */
  readonly pcOffset: number;
}

export interface GoroutineLabel {
  readonly key: string;
  readonly value: string;
}

/** The runtime's leak detector has proven that nothing can wake it. */
export const GOROUTINE_LEAKED = 1;
/** The collector was scanning its stack. */
export const GOROUTINE_SCAN = 2;
/** Blocked on something of its own synctest bubble. */
export const GOROUTINE_DURABLE = 4;
export const GOROUTINE_LOCKED = 8;
/** In a synctest bubble: a test, not a service. */
export const GOROUTINE_BUBBLE = 16;
/** Frames in the middle or at the end of the stack were left out by the runtime. */
export const GOROUTINE_ELIDED = 32;
/** It ran on another thread; the runtime could not print its stack. */
export const GOROUTINE_NO_STACK = 64;

/** A frame that stands for those the runtime left out. */
export const ELIDED_FRAME = '...';

/** The frames of one stack, innermost first. */
export function framesOf(dump: GoroutineDump, stack: number): GoFrame[] {
  const frames: GoFrame[] = [];
  for (let at = dump.firstFrame[stack]!; at < dump.firstFrame[stack + 1]!; at++) {
    frames.push(dump.frames[dump.stackFrame[at]!]!);
  }
  return frames;
}
