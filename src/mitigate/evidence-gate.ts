import type { CaseEvidence } from '../model/case.ts';
import { DIAGNOSABLE_KINDS, RUNTIME_OF_FORMAT } from '../model/evidence-kinds.ts';
import type { ProcessFacts } from '../sources/processes/process-facts.ts';
import type { Runtime } from '../sources/processes/recognise.ts';
import { type Gate, note, pass, refuse } from './plan.ts';

/** What a case holds, as far as it matters here. */
export interface HeldEvidence extends Pick<CaseEvidence, 'name' | 'kind' | 'format' | 'takenAt'> {
  /** Of the process that it is of; null when that was not written down. */
  readonly pid: number | null;
}

/** Times of files are rounded, and clocks of hosts differ a little. */
const TOLERANCE_MS = 2000;

/** What the gate is decided on. */
export interface EvidenceQuestion {
  /** Null when no case was given. */
  readonly evidence: readonly HeldEvidence[] | null;
  /** Why nothing needs to be kept, in somebody's words. */
  readonly without: string | null;
  readonly runtime: Runtime | null;
  /** Since when the service has been running (its master, where there is one); null when that cannot be told. */
  readonly startedMs: number | null;
  /** Of this service, those that an earlier restart has ended too; null where pids mean nothing (containers elsewhere). */
  readonly pids: readonly number[] | null;
  /** The command that would take it. */
  readonly capture: string;
}

/**
 * A restart destroys the evidence: what is in the memory of the process is gone. So a dump or a profile of the service in this life of it must
 * be kept first, or somebody must say why not.
 */
export function evidenceGate(question: EvidenceQuestion): Gate {
  const { without, capture } = question;
  const found = judge(question);
  if (found.good !== null) return pass('evidence', found.good);
  if (without !== null) return note('evidence', `${found.bad}. Without evidence, because: ${without}`);
  return refuse(
    'evidence',
    `${found.bad}; the restart would destroy what the process holds`,
    `${capture}; or --without-evidence "<reason>", which is written on the timeline`,
  );
}

function judge({
  evidence,
  runtime,
  startedMs,
  pids,
}: EvidenceQuestion): { good: string; bad: null } | { good: null; bad: string } {
  if (evidence === null)
    return { good: null, bad: 'there is no case yet that could hold evidence (--case DIR)' };
  const dumps = evidence.filter(({ kind }) => DIAGNOSABLE_KINDS.has(kind));
  if (dumps.length === 0) return { good: null, bad: 'the case holds no dump and no profile yet' };
  const fitting = dumps.filter(({ format }) => {
    const of = format === null ? undefined : RUNTIME_OF_FORMAT[format];
    return of === undefined || runtime === null || of === runtime;
  });
  if (fitting.length === 0) {
    return {
      good: null,
      bad: `the case holds dumps of another runtime only (${dumps[0]!.name}); this is ${runtime}`,
    };
  }
  const own = fitting.filter(({ pid }) => pid === null || pids === null || pids.includes(pid));
  if (own.length === 0) {
    return { good: null, bad: `what the case holds is of another service (process ${fitting.at(-1)!.pid})` };
  }
  const inThisLife = own.filter(
    ({ takenAt }) => startedMs === null || Date.parse(takenAt) >= startedMs - TOLERANCE_MS,
  );
  if (inThisLife.length === 0) {
    return {
      good: null,
      bad: `what the case holds (${own.at(-1)!.name}, ${own.at(-1)!.takenAt}) is older than this life of the service`,
    };
  }
  const last = inThisLife.at(-1)!;
  return {
    good: `the case holds ${inThisLife.length === 1 ? last.name : `${inThisLife.length} dumps and profiles`} of this life of the service, last from ${last.takenAt}`,
    bad: null,
  };
}

/**
 * What tells evidence of a service that an orchestrator runs from that of another one: its runtime, and the pids that may be its own, which
 * are those of its processes now and all that nobody has any more: a container's restart ends every process of it.
 *
 * @param processes of the service; null where they cannot be seen
 * @param isThere tells whether a pid is there still
 */
export function ownEvidence(
  processes: readonly Pick<ProcessFacts, 'pid' | 'runtime' | 'master'>[] | null,
  evidence: readonly HeldEvidence[] | null,
  isThere: (pid: number) => boolean,
): Pick<EvidenceQuestion, 'runtime' | 'pids'> {
  if (processes === null) return { runtime: null, pids: null };
  const runtimes = new Set(processes.map(({ runtime }) => runtime).filter((runtime) => runtime !== null));
  const gone = (evidence ?? []).flatMap(({ pid }) => (pid === null || isThere(pid) ? [] : [pid]));
  return {
    runtime: runtimes.size === 1 ? [...runtimes][0]! : null,
    pids: [...processes.map(({ pid }) => pid), ...gone],
  };
}
