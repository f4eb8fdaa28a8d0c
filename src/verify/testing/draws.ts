/** Numbers drawn from a seed: the same seed gives the same everywhere (Weyl sequence, mixed as in splitmix32). */
export class Draws {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  }

  /** From 0 up to 1. */
  next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Evenly over orders of magnitude. */
  spread(low: number, high: number): number {
    return low * (high / low) ** this.next();
  }

  /** Standard normal: the sum of twelve, less six. */
  normal(): number {
    let sum = -6;
    for (let at = 0; at < 12; at++) sum += this.next();
    return sum;
  }
}
