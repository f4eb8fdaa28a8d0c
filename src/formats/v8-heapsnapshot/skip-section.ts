import { grownU8 } from '../../base/growable.ts';
import { type Input, invalid, type Section } from './input.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * One JSON value of any kind, passed over: a section of a future V8. It ends behind its last bracket or quote; a
 * bare number or word ends before the first byte that cannot belong to it.
 */
export class ValueSection implements Section {
  done = false;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private bare = false;

  feed(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.bare && (byte === 0x2c || byte === 0x7d || byte === 0x5d)) {
        this.done = true;
        return at;
      }
      this.step(byte);
      if (this.done) return at + 1;
    }
    return chunk.length;
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

/** One JSON value that is kept, up to a size. */
export class KeptSection implements Section {
  private readonly value = new ValueSection();
  private kept: Uint8Array = new Uint8Array(0);
  private length = 0;

  constructor(
    private readonly input: Input,
    private readonly name: string,
    private readonly maxBytes: number,
  ) {}

  get done(): boolean {
    return this.value.done;
  }

  feed(chunk: Uint8Array, from: number): number {
    const end = this.value.feed(chunk, from);
    const length = this.length + end - from;
    if (length > this.maxBytes) {
      throw invalid(
        this.input,
        from + this.maxBytes - this.length,
        `"${this.name}" to be shorter than ${this.maxBytes} bytes`,
      );
    }
    this.kept = grownU8(this.kept, length, 0);
    this.kept.set(chunk.subarray(from, end), this.length);
    this.length = length;
    return end;
  }

  text(): string {
    return new TextDecoder().decode(this.kept.subarray(0, this.length));
  }
}
