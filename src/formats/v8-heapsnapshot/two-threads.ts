import type { Aside, ByteSource } from '../../base/byte-source.ts';
import { breathe, type LongCall } from '../../base/progress.ts';
import type { EdgesMessage, EdgesTask } from './edges-aside.ts';
import type { Input } from './input.ts';
import type { SnapshotReader } from './reader.ts';

/** Below this a thread costs more than it saves. */
const MIN_BYTES = 48_000_000;
const REPORT_EVERY_BYTES = 1 << 24;

export function canUseTwoThreads(source: ByteSource): boolean {
  return (
    source.startAside !== undefined && source.chunksFrom !== undefined && (source.sizeBytes ?? 0) >= MIN_BYTES
  );
}

/**
 * Feeds the reader all but the edges, which a second thread takes meanwhile. False when that thread could not do its
 * part; the file has to be read again in one piece then.
 *
 * @throws FormatError for what is wrong outside the edges
 */
export async function feedOnTwoThreads(
  source: ByteSource,
  reader: SnapshotReader,
  input: Input,
  { signal, onProgress }: LongCall,
): Promise<boolean> {
  let aside: Aside | null = null;
  let offset = 0;
  let reported = 0;
  try {
    for (let again = true; again; ) {
      again = false;
      for await (const chunk of source.chunksFrom!(offset)) {
        signal?.throwIfAborted();
        input.chunkOffset = offset;
        const eaten = reader.feed(chunk);
        if (!aside && reader.nodesOffset !== null && reader.layout) {
          const task: EdgesTask = {
            header: reader.layout.header,
            nodesOffset: reader.nodesOffset,
            sizeBytes: source.sizeBytes!,
          };
          aside = source.startAside!(task);
          if (!aside) return false;
        }
        offset += eaten;
        if (reader.awaitsEdges) {
          const message = (await aside?.next()) as EdgesMessage | null;
          if (message?.kind !== 'end') return false;
          offset = message.offset;
          reader.passEdges();
          again = true;
          break;
        }
        if (offset - reported >= REPORT_EVERY_BYTES) {
          reported = offset;
          onProgress?.('read', offset, source.sizeBytes ?? 0);
          await breathe(signal);
        }
      }
    }
    const message = (await aside?.next()) as EdgesMessage | null | undefined;
    if (message?.kind !== 'edges' || !reader.takeEdges(message.edges)) return false;
    onProgress?.('read', offset, source.sizeBytes ?? offset);
    return reader.whole;
  } finally {
    aside?.stop();
  }
}
