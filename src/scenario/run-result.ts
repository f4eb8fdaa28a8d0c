import type { Diagnosis, Verdict } from '../model/finding.ts';
import type { OperationCounts } from './scenario.ts';

/** Light counts of a process at one moment, by the name of the metric; bytes where the name says so. */
export type LightCounts = Readonly<Record<string, number>>;

/** One round: what was done in it, and what there was after it. */
export interface RunRound {
  readonly round: number;
  readonly warmUp: boolean;
  readonly operations: OperationCounts;
  readonly elapsedMs: number;
  readonly counts: LightCounts;
  /** Label of the evidence that was taken after it. */
  readonly captured: string | null;
}

/** Growth for each operation: of a metric, or of what a finding counts. */
export interface RunGrowth {
  /** `heap_used_bytes`, or the title of the finding. */
  readonly what: string;
  readonly unit: 'bytes' | 'count';
  /** The thing that was counted: `join`. */
  readonly per: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Where it grows by just this number each time. */
  readonly exactly: number | null;
  readonly slows: boolean;
  /** Of the diagnosis; null for metrics. */
  readonly finding: string | null;
  readonly signature: string | null;
  /** Other things that were counted and fit as well, since the mix of work was the same in all rounds. */
  readonly also: readonly { readonly per: string; readonly exactly: number }[];
}

/** What `stanch run` answers. */
export interface RunResult {
  readonly schema: 'stanch/run@1';
  readonly scenario: string;
  readonly verdict: Verdict;
  readonly summary: string;
  readonly target: string;
  readonly runtime: string | null;
  /** What is counted: the first name of what rounds return. */
  readonly operation: string;
  readonly operations: number;
  readonly rounds: readonly RunRound[];
  /** Whether garbage could be collected before counting. */
  readonly collected: boolean;
  readonly metrics: readonly RunGrowth[];
  readonly causes: readonly RunGrowth[];
  /** Causes of one pattern together, where there are several. */
  readonly patterns: readonly RunGrowth[];
  readonly diagnosis: Diagnosis | null;
  /** Where the evidence lies; null when it was not kept. */
  readonly folder: string | null;
  readonly files: readonly string[];
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
  /** What could not be put back as it was. */
  readonly leftOpen: string | null;
}
