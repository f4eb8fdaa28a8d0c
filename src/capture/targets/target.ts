import type { OnProgress } from '../../base/progress.ts';
import type { EvidenceFile } from '../probes/evidence-file.ts';
import type { PreFlight } from './pre-flight.ts';

/**
 * What is wanted: the object graph, counts of objects without the graph, where memory is allocated, goroutines and their stacks, or all
 * that the runtime has.
 */
export type CaptureKind = 'heap' | 'census' | 'profile' | 'goroutines' | 'all';

export interface CaptureWish {
  /** The runtime's own choice when absent. */
  readonly kind?: CaptureKind | undefined;
  readonly count: number;
  /** Time between two captures of a series. */
  readonly everyMs: number;
  /** How long a sampling profile listens. */
  readonly profileMs: number;
  /** A folder that exists: where the evidence goes, or the one that it will be made in. */
  readonly disk: string;
  /** Pack what is text on its way to the disk; names end in `.gz` then. */
  readonly pack?: boolean | undefined;
  /** For agents that are asked over HTTP. */
  readonly token?: string | undefined;
  readonly signal: AbortSignal;
}

/** One capture of a series. */
export interface Moment {
  /** `A`, `B`, `C`. */
  readonly label: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress | undefined;
}

/** A target that was found and looked at. Nothing was taken yet; `close` leaves it as it was found. */
export interface PreparedTarget {
  readonly preFlight: PreFlight;
  /** Looked at again before every capture of a series: null when it may go on, else why not. */
  again?(): Promise<string | null>;
  capture(moment: Moment): Promise<EvidenceFile[]>;
  /** @returns what could not be put back, for the user to know */
  close(): Promise<string | null>;
}
