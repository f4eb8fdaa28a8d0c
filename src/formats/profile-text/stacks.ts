import { type Mapping, NONE } from '../../model/stack-profile.ts';
import type { StackProfileBuilder } from '../../model/stack-profile-builder.ts';
import { parseGoLabels } from './go-labels.ts';
import type { TextLines } from './text-lines.ts';

const ADDRESS = /0x[0-9a-f]+/g;

/** What follows the line of numbers and addresses of one record. */
export interface RecordTail {
  readonly stack: number;
  readonly labels: readonly [key: string, value: string][];
}

/**
 * Reads the stacks of a text profile. Go prints each frame below its record as `#`, address, `function+0xoffset`, `file:line`; frames
 * that it leaves out there on purpose (the allocator below user code, `runtime.goexit`) are left out here too. Stacks without such
 * lines (C++) keep their addresses.
 */
export class StackReader {
  hasSymbols = false;

  constructor(
    private readonly builder: StackProfileBuilder,
    private readonly mappings: readonly Mapping[],
  ) {
    for (const mapping of mappings) builder.mapping(mapping);
  }

  /** @param addresses the text after `@`; `lines` stands on the record's first line */
  read(addresses: string, lines: TextLines): RecordTail {
    const frames: number[] = [];
    let labels: [string, string][] = [];
    while (lines.advance()) {
      const { line } = lines;
      if (!line.startsWith('#') || line.startsWith('# runtime.MemStats')) {
        lines.back();
        break;
      }
      if (line.startsWith('# labels:')) labels = parseGoLabels(line.slice(9));
      else {
        const frame = this.symbol(line);
        if (frame !== null) frames.push(frame);
      }
    }
    if (frames.length > 0) return { stack: this.builder.stack(frames), labels };
    return { stack: this.builder.stack(this.bareAddresses(addresses)), labels };
  }

  private symbol(line: string): number | null {
    const [address, name, place] = line.slice(1).trim().split(/\t+/);
    if (address === undefined || name === undefined || place === undefined) return null;
    const plus = name.lastIndexOf('+0x');
    const colon = place.lastIndexOf(':');
    const lineNumber = Number(place.slice(colon + 1));
    if (plus === -1 || colon === -1 || !/^0x[0-9a-f]{1,16}$/.test(address)) return null;
    this.hasSymbols = true;
    const fn = this.builder.function(name.slice(0, plus), place.slice(0, colon));
    return this.builder.location(fn, Number.isSafeInteger(lineNumber) ? lineNumber : 0, 0, BigInt(address));
  }

  /** Return addresses point behind the call: one less is inside it. Zeros pad the stacks of threads. */
  private bareAddresses(text: string): number[] {
    const frames: number[] = [];
    for (const [written] of text.matchAll(ADDRESS)) {
      const address = BigInt.asUintN(64, BigInt(written));
      if (address !== 0n)
        frames.push(this.builder.inlinedLocation([], address - 1n, this.mappingOf(address - 1n)));
    }
    return frames;
  }

  private mappingOf(address: bigint): number {
    const row = this.mappings.findIndex(({ start, limit }) => start <= address && address < limit);
    return row === -1 ? NONE : row;
  }
}
