import { bytesSource } from '../../../base/byte-source.ts';
import { readGoroutines } from '../../../formats/go-goroutines/read.ts';
import type { SourceTree } from '../../../model/source-tree.ts';
import type { GoInput } from '../moments.ts';

/** Reads a file below `fixtures/go-goroutines`, unpacked. Tests bring it, for this folder knows nothing of files. */
export type ReadFixture = (path: string) => Uint8Array;

/** Captures of a case of `fixtures/go-goroutines/service`: A some load, B more load, C after the clients have left. */
export async function capturedBy(read: ReadFixture, name: string, labels: string): Promise<GoInput[]> {
  const inputs: GoInput[] = [];
  for (const label of labels) {
    const bytes = read(`captured/${name}/${label}.txt.gz`);
    const [dump] = await readGoroutines(bytesSource(bytes, `${label}.txt`));
    inputs.push({ label, file: `${label}.txt`, sizeBytes: bytes.length, at: null, dump: dump! });
  }
  return inputs;
}

/** The source of that service. */
export function serviceSource(read: ReadFixture): SourceTree {
  const names = ['main.go', 'cases.go', 'leaks.go', 'healthy.go'];
  const text = (name: string): string => new TextDecoder().decode(read(`service/${name}`));
  return { root: '/checkout', files: new Map(names.map((name) => [name, text(name)])), maps: new Map() };
}
