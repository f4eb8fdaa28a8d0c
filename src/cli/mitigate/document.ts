import type { Act, Gate, Outcome, Step } from '../../mitigate/plan.ts';
import type { RestartInterval } from '../../mitigate/restart-interval.ts';

/** One worker as the plan shows it. */
export interface WorkerRow {
  readonly pid: number;
  readonly role: string;
  readonly memoryBytes: number;
  readonly rssBytes: number;
  readonly ageSeconds: number | null;
  /** True for those that the plan would end. */
  readonly target: boolean;
}

/** What `stanch mitigate --json` prints. */
export interface MitigateDocument {
  readonly schema: 'stanch/mitigate@1';
  readonly target: string;
  readonly act: Act;
  readonly state: 'planned' | 'refused' | Outcome['state'];
  readonly what: string;
  readonly case: string | null;
  readonly workers: readonly WorkerRow[];
  readonly gates: readonly Gate[];
  readonly steps: readonly Step[];
  readonly interval: (RestartInterval & { readonly metric: string; readonly floorFrom: string }) | null;
  /** Why there is no interval; null where nobody asked for one. */
  readonly noInterval: string | null;
  readonly outcomes: readonly Outcome[];
  /** Why a rolling restart ended early. */
  readonly stopped: string | null;
  /** The command that would do it; null where a gate refuses, and where it was done. */
  readonly next: string | null;
}
