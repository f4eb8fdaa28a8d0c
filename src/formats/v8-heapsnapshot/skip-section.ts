import type { Section } from './input.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * One JSON value of any kind, passed over (a section of a future V8) or collected (the header). It ends behind its
 * last bracket or quote; a bare number or word ends before the first byte that cannot belong to it.
 */
export class ValueSection implements Section {
  done = false;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private bare = false;
  private readonly collected: number[] = [];

  /** @param maxCollectedBytes 0 to pass the value over */
  constructor(private readonly maxCollectedBytes: number = 0) {}

  feed(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.bare && (byte === 0x2c || byte === 0x7d || byte === 0x5d)) {
        this.done = true;
        return at;
      }
      if (this.collected.length < this.maxCollectedBytes) this.collected.push(byte);
      this.step(byte);
      if (this.done) return at + 1;
    }
    return chunk.length;
  }

  /** The collected text; null when it was longer than asked for. */
  text(): string | null {
    if (this.collected.length >= this.maxCollectedBytes) return null;
    return new TextDecoder().decode(Uint8Array.from(this.collected));
  }

  private step(byte: number): void {
    if (this.inString) {
      if (this.escaped) this.escaped = false;
      else if (byte === BACKSLASH) this.escaped = true;
      else if (byte === QUOTE) {
        this.inString = false;
        this.done = this.depth === 0;
      }
      return;
    }
    if (byte === QUOTE) this.inString = true;
    else if (byte === 0x7b || byte === 0x5b) this.depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      this.depth--;
      this.done = this.depth <= 0;
    } else if (this.depth === 0 && byte > 0x20) this.bare = true;
  }
}
