import { ELIDED_FRAME, type GoFrame } from '../../model/goroutines.ts';
import { authorOfFrame, type FrameAuthor, writtenIn } from './frame-author.ts';
import type { WaitClass } from './wait-class.ts';

/** Goroutines that wait for the same thing at the same place and were started by the same statement. */
export interface Signature {
  readonly index: number;
  readonly waitClass: WaitClass;
  /** Innermost first, without the runtime's own frames at both ends. */
  readonly frames: readonly GoFrame[];
  /** The `go` statement; null where the evidence does not tell (profiles), or for main. */
  readonly creation: GoFrame | null;
  readonly creationAuthor: FrameAuthor | null;
  /** First frame that is not Go's own: where it waits in the eyes of its author. */
  readonly blame: GoFrame | null;
  /** What the goroutine was started to do: its outermost frame that is not the wrapper around a passed function. */
  readonly entry: GoFrame | null;
}

/** Hands out numbers for kinds of goroutines; the same over all captures of one comparison. */
export class SignatureTable {
  readonly all: Signature[] = [];
  private readonly byKey = new Map<string, Signature>();

  of(stack: readonly GoFrame[], waitClass: WaitClass, creation: GoFrame | null): Signature {
    const frames = withoutRuntime(stack);
    const key = `${waitClass}\n${frames.map(placeOf).join('\n')}\n> ${creation ? placeOf(creation) : ''}`;
    let signature = this.byKey.get(key);
    if (!signature) {
      const authors = frames.map(authorOfFrame);
      const blame = authors.findIndex((author) => author !== 'standard');
      signature = {
        index: this.all.length,
        waitClass,
        frames,
        creation,
        creationAuthor: creation ? authorOfFrame(creation) : null,
        blame: frames[blame] ?? null,
        entry: entryOf(frames, creation),
      };
      this.byKey.set(key, signature);
      this.all.push(signature);
    }
    return signature;
  }
}

/** `function file:line`: what two goroutines of one kind agree in. */
export function placeOf({ function: name, file, line }: GoFrame): string {
  return `${name} ${file}:${line}`;
}

/**
 * The runtime shows its own frames in crashes and in profiles and hides them in `debug=2`; without them both are the same.
 * Elided frames stay as one mark.
 */
function withoutRuntime(stack: readonly GoFrame[]): GoFrame[] {
  let start = 0;
  let end = stack.length;
  while (start < end && isRuntime(stack[start]!)) start++;
  while (end > start && isRuntime(stack[end - 1]!)) end--;
  // A goroutine of the runtime itself keeps what it has.
  return start === end ? [...stack] : stack.slice(start, end);
}

function isRuntime({ function: name }: GoFrame): boolean {
  return /^runtime\.[^/]*$/.test(name) || name === 'panic';
}

function entryOf(frames: readonly GoFrame[], creation: GoFrame | null): GoFrame | null {
  let outer = frames.length - 1;
  while (outer > 0 && frames[outer]!.function === ELIDED_FRAME) outer--;
  const isWrapper = (frame: GoFrame): boolean =>
    creation !== null && writtenIn(frame.function) === creation.function;
  while (outer > 0 && isWrapper(frames[outer]!) && authorOfFrame(frames[outer - 1]!) !== 'standard') outer--;
  return frames[outer] ?? null;
}
