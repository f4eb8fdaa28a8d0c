import type { ByteSource } from '../base/byte-source.ts';
import type { LongCall } from '../base/progress.ts';
import type { HeapGraph } from '../model/heap-graph.ts';

/** How a dump is read. */
export interface ReadOptions extends LongCall {
  /** Use the readable part of a truncated or damaged file; the graph then says what is missing (`graph.partial`). */
  partial?: boolean;
}

/** One dump format that Stanch reads. */
export interface HeapFormat {
  /** Stable name, as `v8-heapsnapshot`. */
  readonly id: string;
  /** What people call it. */
  readonly title: string;
  /**
   * How sure the first 4 KB of a file (fewer if it is shorter) are of this format, from 0 to 1. The name is a hint
   * only: content decides. Never throws.
   */
  detect(head: Uint8Array, name: string): number;
  /**
   * Reads the whole dump.
   *
   * @throws FormatError with the byte offset and what was expected there
   */
  read(source: ByteSource, options?: ReadOptions): Promise<HeapGraph>;
}
