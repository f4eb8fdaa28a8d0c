import type { LongCall } from '../base/progress.ts';
import type { HeapGraph } from '../model/heap-graph.ts';

/** One dump among the evidence. `diagnose` takes it as it is. */
export interface EvidenceDump {
  /** A, B, C … in order of time. */
  readonly label: string;
  /** As it was given; for members of a folder with the folder in front. */
  readonly file: string;
  /** Id of the format. */
  readonly format: string;
  /** Null where it cannot be known (pipes, packed files). */
  readonly sizeBytes: number | null;
  /** When it was taken, if its name says so (ISO 8601). */
  readonly at: string | null;
  /** Reads the dump; may be called more than once. */
  load(options: LongCall): Promise<HeapGraph>;
}

/** A file that was given and cannot be used, and why. */
export interface UnreadableEvidence {
  readonly file: string;
  readonly reason: string;
}

/** What is at hand, sorted out. */
export interface Evidence {
  /** In order of time, as far as names and times tell; `inOrder` corrects it by what the dumps hold. */
  readonly dumps: readonly EvidenceDump[];
  readonly unreadable: readonly UnreadableEvidence[];
  /** What the reader should know about how the evidence was sorted. */
  readonly notes: readonly string[];
}

/** A, B, … Z, AA, AB … */
export function labelOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : labelOf(Math.floor(index / 26) - 1) + letter;
}
