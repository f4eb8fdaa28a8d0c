import { bytesSource } from '../../../base/byte-source.ts';
import { readGoroutines } from '../../../formats/go-goroutines/read.ts';
import type { GoInput } from '../moments.ts';

/** Goroutines of one kind: `ids` 100, 101, … up to `count`. */
export interface Drawn {
  readonly state: string;
  readonly count: number;
  readonly firstId: number;
  /** `function file:line`, innermost first. */
  readonly frames: readonly string[];
  /** `function file:line` of the `go` statement. */
  readonly by?: string;
  /** Id of the creator of the n-th; nothing is printed without, as before Go 1.21. */
  readonly creator?: (n: number) => number;
}

/** Writes a dump as Go does and reads it back. */
export async function drawCapture(label: string, drawn: readonly Drawn[]): Promise<GoInput> {
  let text = '';
  for (const { state, count, firstId, frames, by, creator } of drawn) {
    for (let n = 0; n < count; n++) {
      text += `goroutine ${firstId + n} [${state}]:\n${frames.map((frame) => placed(frame, '()')).join('')}`;
      if (by) text += `created by ${placed(by, creator ? ` in goroutine ${creator(n)}` : '')}`;
      text += '\n';
    }
  }
  const [dump] = await readGoroutines(bytesSource(new TextEncoder().encode(text), `${label}.txt`));
  return { label, file: `${label}.txt`, sizeBytes: text.length, at: null, dump: dump! };
}

function placed(frame: string, behind: string): string {
  const [name, place] = frame.split(' ');
  return `${name}${behind}\n\t${place} +0x1f\n`;
}
