import { Heap } from '../analysis/heap.ts';
import { type ByteSource, readHead } from '../base/byte-source.ts';
import { EXIT, StanchError } from '../base/errors.ts';
import type { EvidenceFormat, ReadOptions } from '../formats/format.ts';
import { detectFormat, FORMATS, HEAD_BYTES } from '../formats/index.ts';
import { openCompanion } from './companion.ts';
import { openFile } from './file.ts';
import { peek } from './stream.ts';

/** How `openHeap` reads, and what the heap then shows. */
export interface OpenHeapOptions extends ReadOptions {
  /** Show the values of strings and the keys of objects used as maps; otherwise they are masked. */
  showValues?: boolean;
}

/**
 * Opens a heap dump, whatever its format and packing (plain, gz, zst).
 *
 * @param pathOrSource path of a file, or any byte source: `bytesSource(…)`, `streamSource(…)`
 * @throws StanchError `file-unreadable` or `format-unknown`, FormatError with the byte offset where the dump is
 *   damaged; all have the exit code 3. When `signal` aborts, its reason is thrown.
 * @example
 * import { openHeap } from 'stanch';
 *
 * const heap = await openHeap('A.heapsnapshot', {
 *   signal: AbortSignal.timeout(60_000),
 *   onProgress: (step, done, total) => void `${step}: ${done} of ${total} bytes`,
 * });
 * process.stdout.write(`${heap.graph.nodeCount} objects\n`);
 * heap.close();
 */
export async function openHeap(
  pathOrSource: string | ByteSource,
  options: OpenHeapOptions = {},
): Promise<Heap> {
  const { showValues = false, ...reading } = options;
  let source = typeof pathOrSource === 'string' ? openFile(pathOrSource) : pathOrSource;
  try {
    let head: Uint8Array;
    if (source.readAt) head = await readHead(source, HEAD_BYTES);
    else ({ head, source } = await peek(source, HEAD_BYTES));
    const format = detectFormat(head, source.name);
    if (!format) throw unknownFormat(source.name, head.length);
    if (format.kind !== 'heap-graph') throw notAHeap(source.name, format);
    const companion = typeof pathOrSource === 'string' ? openCompanion(format, pathOrSource) : null;
    const graph = await format.read(source, { companion, ...reading });
    companion?.close?.();
    return new Heap(graph, { showValues, onClose: () => source.close?.() });
  } catch (error) {
    source.close?.();
    throw error;
  }
}

function notAHeap(name: string, { title }: EvidenceFormat): StanchError {
  return new StanchError(`${name}: ${title}, which holds no objects`, {
    code: 'not-a-heap',
    exitCode: EXIT.usage,
    hint: 'stanch diff and stanch diagnose take profiles',
  });
}

export function unknownFormat(name: string, size: number): StanchError {
  const known = FORMATS.map(({ title }) => title).join(', ');
  return new StanchError(`${name}: ${size === 0 ? 'the file is empty' : 'nothing that Stanch knows'}`, {
    code: 'format-unknown',
    exitCode: EXIT.unreadable,
    hint: size === 0 ? 'the process was probably killed while it wrote the dump' : `Stanch reads: ${known}`,
  });
}
