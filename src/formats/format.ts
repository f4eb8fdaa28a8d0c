import type { ByteSource } from '../base/byte-source.ts';
import type { LongCall } from '../base/progress.ts';
import type { GoroutineDump } from '../model/goroutines.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import type { SeriesSet } from '../model/series.ts';
import type { StackProfile } from '../model/stack-profile.ts';

/** How a dump is read. */
export interface ReadOptions extends LongCall {
  /** Use the readable part of a truncated or damaged file; the graph then says what is missing (`graph.partial`). */
  partial?: boolean;
  /** The file beside the dump that tells names and facts of the process, for formats that have one. */
  companion?: ByteSource | null;
}

interface AnyFormat {
  /** Stable name, as `v8-heapsnapshot`. */
  readonly id: string;
  /** What people call it. */
  readonly title: string;
  /**
   * How sure the first 4 KB of a file (fewer if it is shorter) are of this format, from 0 to 1. The name is a hint
   * only: content decides. Never throws.
   */
  detect(head: Uint8Array, name: string): number;
}

/** One format of heap dumps that Stanch reads. */
export interface HeapFormat extends AnyFormat {
  readonly kind: 'heap-graph';
  /**
   * Reads the whole dump.
   *
   * @throws FormatError with the byte offset and what was expected there
   */
  read(source: ByteSource, options?: ReadOptions): Promise<HeapGraph>;
  /** Paths at which the companion of the dump `path` may lie, best first. */
  companions?(path: string): string[];
}

/** One format of profiles (values by call stack) that Stanch reads. */
export interface ProfileFormat extends AnyFormat {
  readonly kind: 'stack-profile';
  /**
   * Reads the whole profile.
   *
   * @throws FormatError with the byte offset and what was expected there
   */
  read(source: ByteSource, options?: LongCall): Promise<StackProfile>;
}

/** The text in which a runtime writes its goroutines; one file may hold several dumps. */
export interface GoroutineFormat extends AnyFormat {
  readonly kind: 'goroutines';
  /**
   * Reads all dumps of the file.
   *
   * @throws FormatError with the byte offset and what was expected there
   */
  read(source: ByteSource, options?: LongCall): Promise<GoroutineDump[]>;
}

/** One format of numbers over time. */
export interface SeriesFormat extends AnyFormat {
  /**
   * Reads all series of the file.
   *
   * @throws FormatError with the byte offset and what was expected there
   */
  read(source: ByteSource, options?: SeriesReadOptions): Promise<SeriesSet>;
}

/** How numbers over time are read. */
export interface SeriesReadOptions extends LongCall {
  /** Leave out what is before (ms since 1970). */
  sinceMs?: number | undefined;
  /** When a scrape without times was taken. */
  scrapedAtMs?: number;
}

/** One format of evidence. */
export type EvidenceFormat = HeapFormat | ProfileFormat | GoroutineFormat;
