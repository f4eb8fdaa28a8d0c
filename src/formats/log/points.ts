/** Points of one number, thinned evenly when they become too many: memory stays bounded, first and last are kept. */
export class Points {
  readonly times: number[] = [];
  readonly values: number[] = [];
  seen = 0;
  /** How many times the value went down, and up. */
  falls = 0;
  rises = 0;
  private last: { at: number; value: number } | null = null;
  private every = 1;

  add(atMs: number, value: number): void {
    if (this.last) {
      if (value < this.last.value) this.falls++;
      else if (value > this.last.value) this.rises++;
    }
    this.last = { at: atMs, value };
    if (this.seen++ % this.every !== 0) return;
    this.times.push(atMs);
    this.values.push(value);
    if (this.times.length < MAX_POINTS) return;
    for (let at = 0; at * 2 < this.times.length; at++) {
      this.times[at] = this.times[at * 2]!;
      this.values[at] = this.values[at * 2]!;
    }
    this.times.length = this.values.length = Math.ceil(this.times.length / 2);
    this.every *= 2;
  }

  /** All that was kept, with the very last point. */
  finish(): { times: number[]; values: number[] } {
    if (this.last && this.times.at(-1) !== this.last.at) {
      this.times.push(this.last.at);
      this.values.push(this.last.value);
    }
    return this;
  }
}

const MAX_POINTS = 4096;
