import type { ProcessFacts } from './heap-graph.ts';

/** Leak patterns, shared by the rules on dumps and on source. Names are part of the contract. */
export type Pattern =
  | 'unbounded-collection'
  | 'listener-leak'
  | 'stale-closure'
  | 'timer-leak'
  | 'pending-promise'
  | 'slice-retention'
  | 'detached-dom'
  | 'connection-leak'
  | 'native-growth'
  | 'shared-mutable-default'
  | 'class-variable-growth'
  | 'singleton-state'
  | 'goroutine-stuck'
  | 'goroutine-runaway'
  | 'context-not-cancelled'
  | 'response-body-not-closed'
  | 'reference-cycle'
  | 'task-leak'
  | 'file-descriptor-leak'
  | 'thread-local-growth'
  | 'string-duplication'
  | 'fragmentation'
  | 'unknown-growth';

/** A line of code and what it has to do with the growth. */
export interface FindingLocation {
  file: string;
  line: number;
  /** `adds` members come in here · `allocates` they are made here · `holds` the holder is declared here. */
  role: 'adds' | 'should-remove' | 'allocates' | 'holds' | 'removes';
}

/** One step of a retaining path. */
export interface PathStepView {
  node: string;
  via: string;
  handle?: string;
  /** Whether the object has outlived its use; `why` says how that is known. */
  leaking: 'yes' | 'no' | 'unknown';
  why?: string;
}

/** One suspected cause. */
export interface Finding {
  id: string;
  rank: number;
  pattern: Pattern;
  title: string;
  owner: string;
  location: FindingLocation | null;
  alsoSee: FindingLocation[];
  growth: {
    /** Entries that the owner gained from the first to the last dump. */
    objects: number;
    bytes: number;
    /** Entries by dump, old ones included where they can be counted. */
    series: number[];
    bytesSeries: number[];
    holders: number;
    perHour: number | null;
    perOperation: number | null;
  };
  /** Bytes that would be freed with the owner; null where several owners share the growth. */
  retainedBytes: number | null;
  members: { shape: string; objects: number; sample: string }[];
  /** Others that hold the same members. */
  alsoHeldBy: string[];
  path: PathStepView[];
  signature: string;
  confidence: number;
  reasons: string[];
  evidence: string[];
  against: string[];
  remedy: { summary: string; example: string; docs: string };
}

/** One dump that a diagnosis rests on. */
export interface EvidenceItem {
  id: string;
  label: string;
  kind: 'heap-graph' | 'stack-profile' | 'goroutines';
  format: string;
  file: string;
  sha256: string | null;
  at: string | null;
  bytes: number | null;
  objects: number;
  heapBytes: number;
  partial: string | null;
  /** What is wrong with the dump though it could be read. */
  warnings?: string[];
  /** Memory of the process beside its objects, where it was written down with the dump. */
  process?: ProcessFacts | null;
}

/** Where the memory of the process went, beyond the objects of its heap. Bytes; series by dump. */
export interface ProcessAccount {
  rssBytes: number[];
  rssAfterTrimBytes: number[] | null;
  heapBytes: number[];
  /** Free memory that the allocator kept; null when nobody asked it. */
  allocatorBytes: number | null;
  /** Memory that is neither objects nor free. */
  nativeBytes: number | null;
  /** What most of the growth beyond the objects is. */
  kind: 'objects' | 'allocator' | 'native' | 'unknown';
  text: string;
}

/** `inconclusive` when the evidence does not tell. */
export type Verdict = 'leak' | 'no-leak' | 'inconclusive';

/** What `diagnose` answers; the contract's `stanch/diagnosis@1`. */
export interface Diagnosis {
  schema: 'stanch/diagnosis@1';
  runtime: string;
  verdict: Verdict;
  confidence: number;
  /** The verdict in one or two sentences. */
  summary: string;
  sameProcess: boolean;
  evidence: EvidenceItem[];
  growth: {
    fromBytes: number;
    toBytes: number;
    grownBytes: number;
    shrunkBytes: number;
    explainedBytes: number;
    explainedShare: number;
    unexplained: { what: string; bytes: number }[];
  };
  /** Null when the dumps do not tell the memory of the process. */
  process?: ProcessAccount | null;
  findings: Finding[];
  /** Growth that was looked at and is no leak, with the reason. */
  harmless: { owner: string; bytes: number; objects: number; why: string }[];
  claims: { text: string; verdict: 'holds' | 'contradicted' | 'cannot-tell'; because: string }[];
  next: { command: string; why: string }[];
}
