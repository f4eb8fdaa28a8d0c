import { longer } from './growing.ts';
import { EDGE } from './kinds.ts';

/** The references of the graph as they are written, node after node. */
export class EdgeTable {
  count = 0;
  kind: Uint8Array;
  name: Uint32Array;
  target: Uint32Array;

  constructor(expected: number) {
    this.kind = new Uint8Array(expected);
    this.name = new Uint32Array(expected);
    this.target = new Uint32Array(expected);
  }

  add(kind: number, name: number, target: number): void {
    if (this.count === this.kind.length) this.grow(this.count + 1);
    this.kind[this.count] = kind;
    this.name[this.count] = name;
    this.target[this.count++] = target;
  }

  /** Adds targets as references without names. */
  addSlots(targets: Uint32Array, from: number, to: number): void {
    if (this.count + to - from > this.kind.length) this.grow(this.count + to - from);
    const { kind, name, target } = this;
    let at = this.count;
    for (let next = from; next < to; next++, at++) {
      kind[at] = EDGE.slot;
      name[at] = next - from;
      target[at] = targets[next]!;
    }
    this.count = at;
  }

  /** Drops the edges from `from` on whose target is `nowhere`. */
  dropTargets(nowhere: number, from: number): void {
    let kept = from;
    for (let at = from; at < this.count; at++) {
      if (this.target[at] === nowhere) continue;
      this.kind[kept] = this.kind[at]!;
      this.name[kept] = this.name[at]!;
      this.target[kept++] = this.target[at]!;
    }
    this.count = kept;
  }

  private grow(needed: number): void {
    const capacity = Math.max(needed, Math.ceil(this.kind.length * 1.3));
    this.kind = longer(this.kind, capacity);
    this.name = longer(this.name, capacity);
    this.target = longer(this.target, capacity);
  }
}
