import type { LongCall } from '../base/progress.ts';
import type { GoroutineDump } from '../model/goroutines.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import type { StackProfile } from '../model/stack-profile.ts';

/** What is known of a piece of evidence before it is read. */
export interface EvidenceFile {
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
}

/** One dump among the evidence. `diagnose` takes it as it is. */
export interface EvidenceDump extends EvidenceFile {
  /** Reads the dump; may be called more than once. */
  load(options: LongCall): Promise<HeapGraph>;
}

/** What a profile's file holds: goroutine text may hold several dumps. */
export type ProfileContent =
  | { readonly kind: 'stack-profile'; readonly profile: StackProfile }
  | { readonly kind: 'goroutines'; readonly dumps: readonly GoroutineDump[] };

/** One profile or goroutine dump among the evidence; those of one moment have one label. */
export interface EvidenceProfile extends EvidenceFile {
  load(options: LongCall): Promise<ProfileContent>;
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
  /** In order of time. */
  readonly profiles: readonly EvidenceProfile[];
  readonly unreadable: readonly UnreadableEvidence[];
  /** What the reader should know about how the evidence was sorted. */
  readonly notes: readonly string[];
}

/** A, B, … Z, AA, AB … */
export function labelOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : labelOf(Math.floor(index / 26) - 1) + letter;
}
