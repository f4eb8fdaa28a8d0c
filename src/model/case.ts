import type { Verdict } from './finding.ts';

/** What can stand on a case's timeline. */
export type TimelineKind =
  | 'opened'
  | 'capture'
  | 'deploy'
  | 'alert'
  | 'action'
  | 'note'
  | 'claim'
  /** What users noticed. */
  | 'impact'
  | 'follow-up'
  | 'setting'
  | 'findings'
  | 'result'
  | 'closed';

/** How a case ended. */
export type CaseVerdict = 'fixed' | 'mitigated' | 'no-leak' | 'cannot-tell';

/** What a file of the evidence is, told by its content. */
export type EvidenceKind =
  | 'heap-graph'
  | 'stack-profile'
  | 'goroutines'
  | 'companion'
  | 'series'
  | 'log'
  | 'incident-text'
  | 'other';

/** One file of the evidence: its bytes lie in `evidence/<first two digits>/<sha256>`. */
export interface CaseEvidence {
  sha256: string;
  /** As it was called, with the folders that tell its moment (`A/heap.pb.gz`); each name is there once. */
  name: string;
  /** As stored: packed files stay packed. */
  bytes: number;
  kind: EvidenceKind;
  /** Id of the format; null when none knows it. */
  format: string | null;
  /** When it was taken: what its name says, else when it was last written. ISO 8601. */
  takenAt: string;
}

/** A diagnosis of the case: the whole of it lies in `file`. */
export interface CaseFindings {
  /** Below the case folder. */
  file: string;
  sha256: string;
  verdict: Verdict;
  /** 0 to 1. */
  confidence: number;
  summary: string;
  /** Of the findings, most growth first. */
  signatures: string[];
}

/** What a command answered (`stanch confirm`, `check`, `run`, `verify` …): the whole of it lies in `file`. */
export interface CaseResult {
  /** Below the case folder. */
  file: string;
  sha256: string;
  /** Of the document, as `stanch/verify@1`. */
  schema: string;
  /** As the command calls it; null when it promises none. */
  verdict: string | null;
  summary: string;
}

/** What somebody or something has to say for the timeline. */
export interface TimelineEntry {
  kind: TimelineKind;
  /** When it happened, ISO 8601. */
  at: string;
  text: string;
  evidence?: CaseEvidence[];
  findings?: CaseFindings;
  result?: CaseResult;
  verdict?: CaseVerdict;
  /** Further facts: the commit of a deploy, the id of the case. */
  facts?: Record<string, string>;
}

/** One line of `timeline.jsonl`. */
export interface TimelineRecord extends TimelineEntry {
  /** Version of the record, as that of the case that it was written for. */
  v: number;
  /** 1, 2, 3 … in the order of writing. */
  seq: number;
  /** When it was written down, ISO 8601. */
  recordedAt: string;
  /** SHA-256 of the line of the record before; '' for the first. A line that was altered or taken out shows. */
  prev: string;
}

/** The last line of the timeline that is known to be on disk. */
export interface TimelineHead {
  seq: number;
  /** SHA-256 of the line without its line feed. */
  hash: string;
}

/** `case.json`. What it tells of evidence and the head is a second record of the timeline's: the timeline decides. */
export interface CaseFile {
  schema: 'stanch/case@1';
  id: string;
  title: string;
  createdAt: string;
  head: TimelineHead;
  evidence: CaseEvidence[];
  /** Set in a copy for hand-over. */
  handOver?: HandOver;
}

/** What was done to a case before it was handed over. */
export interface HandOver {
  at: string;
  /** Of the case that it is a copy of. */
  originalHead: TimelineHead;
  maskedHosts: boolean;
  /** Texts that were masked. */
  maskedTexts: number;
  /** SHA-256 of evidence that stayed behind. */
  leftOut: string[];
}

/** Something that is not as it was written. */
export interface CaseDamage {
  /** `missing` it is not there · `changed` its content is another · `torn` an interrupted write, never acknowledged. */
  problem: 'missing' | 'changed' | 'torn' | 'exposed' | 'unlisted';
  /** `damage` something is lost or altered; `note` nothing is. */
  severity: 'damage' | 'note';
  /** Below the case folder; with the line for the timeline. */
  path: string;
  text: string;
}

/** A case as its timeline tells it; `stanch case show --json`. */
export interface CaseView {
  schema: 'stanch/case-view@1';
  id: string;
  title: string;
  createdAt: string;
  state: 'open' | 'closed';
  verdict: CaseVerdict | null;
  evidence: CaseEvidence[];
  /** In the order in which things happened. */
  timeline: TimelineRecord[];
  /** Of the last diagnosis; null before the first. */
  findings: CaseFindings | null;
  /** What commands answered, in the order in which they were kept. */
  results: CaseResult[];
  handOver: HandOver | null;
  damage: CaseDamage[];
}
