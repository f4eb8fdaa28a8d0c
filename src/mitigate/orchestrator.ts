import { runProgram } from '../sources/containers/run-program.ts';
import type { ProcessFacts } from '../sources/processes/process-facts.ts';
import type { Gate, Outcome, Step } from './plan.ts';
import type { ReadyWatch } from './ready-check.ts';

/** What is to be done to what an orchestrator runs, looked at and not yet begun. */
export interface OrchestratedPlan {
  readonly title: string;
  /** Tells it from all others, for the timeline and the lock. */
  readonly key: string;
  readonly gates: readonly Gate[];
  readonly steps: readonly Step[];
  /** Since when what runs now has been running; null when that cannot be told. */
  readonly startedMs: number | null;
  /** The processes that it consists of, where they are of this machine; null where that cannot be seen. */
  readonly processes: readonly ProcessFacts[] | null;
  /** What `stanch capture` would take, as it is called there; null where there is nothing of that kind. */
  readonly captures: string | null;
  /** What is taken one after the other. */
  readonly units: readonly { readonly name: string; readonly run: () => Promise<Outcome> }[];
}

/** How long is waited, and what tells that the service answers. */
export interface OrchestratedWish {
  readonly readyUrl: string | null;
  readonly timeoutMs: number;
  readonly coolDownMs: number;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** What a program of the user's has said. */
export interface CommandResult {
  readonly code: number | null;
  readonly standardOutput: string;
  /** For people: the first line of what went wrong. */
  readonly problem: string;
}

export const ASK_TIMEOUT_MS = 20_000;

/** Runs the user's own `docker` or `kubectl`: arguments are a list, no shell sees them. */
export async function runCommand(
  [program = '', ...args]: readonly string[],
  { signal, timeoutMs = ASK_TIMEOUT_MS }: { signal: AbortSignal; timeoutMs?: number },
): Promise<CommandResult> {
  const { code, stdout, stderr, failure } = await runProgram(program, args, { timeoutMs, signal });
  const [said = ''] = (stderr.trim() || stdout.trim()).split('\n');
  return { code, standardOutput: stdout, problem: failure ?? (said || `${program} ended with ${code}`) };
}

/** The JSON that a command prints; null when it prints none. */
export function jsonOf({ code, standardOutput }: CommandResult): unknown {
  if (code !== 0) return null;
  try {
    return JSON.parse(standardOutput);
  } catch {
    return null;
  }
}

/** What is known of an act whose processes are somebody else's to count. */
export function orchestratedOutcome(
  state: Outcome['state'],
  says: string,
  { startedMs, watch }: { readonly startedMs: number; readonly watch: ReadyWatch | null },
): Outcome {
  return {
    state,
    says,
    oldPids: [],
    newPids: [],
    memoryBeforeBytes: null,
    memoryAfterBytes: null,
    checks: watch?.counts ?? null,
    elapsedMs: performance.now() - startedMs,
  };
}
