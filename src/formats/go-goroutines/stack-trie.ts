import { ELIDED_FRAME, type GoFrame } from '../../model/goroutines.ts';
import { ByteTable } from './byte-table.ts';

/** No such node. */
export const NONE = 0xffffffff;
const WIDTH = 0x4000000;

/**
 * All stacks met so far as a tree of frames, outermost at the leaves. Goroutines of one kind come one after another, so
 * each node remembers which frame followed last: reading then compares bytes and makes nothing.
 */
export class StackTrie {
  readonly functions: ByteTable = new ByteTable();
  readonly places: ByteTable = new ByteTable();
  readonly frames: GoFrame[] = [];
  /** Numbers of the function and the place of each frame. */
  readonly frameFunction: number[] = [];
  readonly framePlace: number[] = [];
  private readonly frameIndex = new Map<number, number>();
  private readonly children = new Map<number, number>();
  private readonly parent: number[] = [0];
  /** The frame of each node; the root has none. */
  readonly frameOf: number[] = [NONE];
  private lastChild = new Uint32Array(1024).fill(NONE);

  get nodeCount(): number {
    return this.parent.length;
  }

  /** The node that followed this one last; `NONE` when it has none. */
  expected(node: number): number {
    return this.lastChild[node]!;
  }

  /** The node for a frame above `node`. */
  step(node: number, frame: number): number {
    const key = node * WIDTH + frame;
    let child = this.children.get(key);
    if (child === undefined) {
      child = this.parent.length;
      this.children.set(key, child);
      this.parent.push(node);
      this.frameOf.push(frame);
      if (child >= this.lastChild.length) {
        const grown = new Uint32Array(this.lastChild.length * 2).fill(NONE);
        grown.set(this.lastChild);
        this.lastChild = grown;
      }
    }
    this.lastChild[node] = child;
    return child;
  }

  /** A frame by the numbers of its function and place. `pcOffset` is kept from the first time. */
  frame(fn: number, place: number, pcOffset: number): number {
    const key = fn * WIDTH + place;
    let frame = this.frameIndex.get(key);
    if (frame === undefined) {
      frame = this.frames.length;
      this.frameIndex.set(key, frame);
      this.frameFunction.push(fn);
      this.framePlace.push(place);
      const text = this.places.text(place);
      const colon = text.lastIndexOf(':');
      this.frames.push({
        function: this.functions.text(fn),
        file: colon < 0 ? text : text.slice(0, colon),
        line: colon < 0 ? 0 : Number(text.slice(colon + 1)),
        pcOffset,
      });
    }
    return frame;
  }

  /** A frame without a place: what the runtime left out, or could not tell. */
  placeless(bytes: Uint8Array, start: number, end: number): number {
    return this.frame(this.functions.intern(bytes, start, end), this.places.intern(bytes, 0, 0), -1);
  }

  elided(): number {
    const bytes = new TextEncoder().encode(ELIDED_FRAME);
    return this.placeless(bytes, 0, bytes.length);
  }

  /** Frames from the innermost on. */
  pathTo(node: number): number[] {
    const path: number[] = [];
    for (let at = node; at !== 0; at = this.parent[at]!) path.push(this.frameOf[at]!);
    return path.reverse();
  }
}
