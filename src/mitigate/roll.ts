import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from './plan.ts';

/** How one after the other is taken: workers of a master, containers of a service. */
export interface Roll<Unit> {
  /** In the order in which they are taken. */
  readonly units: readonly Unit[];
  /** Between the moment that a new one serves and the end of the next old one. */
  readonly everyMs: number;
  /** Looked at before each one but the first: null when it may go on, else why not. */
  readonly mayGoOn: () => Promise<string | null>;
  /** Restarts one; writes it down. */
  readonly restartOne: (unit: Unit) => Promise<Outcome>;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface Rolled {
  readonly outcomes: readonly Outcome[];
  /** Why some were left; null when all were taken. */
  readonly stopped: string | null;
}

/** One at a time; the first that does not go well ends it, and the rest stays as it was. */
export async function roll<Unit>({
  units,
  everyMs,
  mayGoOn,
  restartOne,
  signal,
}: Roll<Unit>): Promise<Rolled> {
  const outcomes: Outcome[] = [];
  for (const [at, unit] of units.entries()) {
    if (at > 0) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      const why = signal.aborted ? 'interrupted' : await mayGoOn();
      if (why !== null) return { outcomes, stopped: leftText(why, units.length - at) };
    }
    const outcome = await restartOne(unit);
    outcomes.push(outcome);
    const left = units.length - at - 1;
    if (outcome.state !== 'done')
      return { outcomes, stopped: left === 0 ? null : leftText(outcome.says, left) };
  }
  return { outcomes, stopped: null };
}

function leftText(why: string, left: number): string {
  return `${why}; ${left} more ${left === 1 ? 'was left as it was' : 'were left as they were'}`;
}
