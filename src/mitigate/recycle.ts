import { setTimeout as sleep } from 'node:timers/promises';
import { formatBytes } from '../base/units.ts';
import { type ProcessFacts, readProcess } from '../sources/processes/process-facts.ts';
import { weightBytes } from '../sources/processes/process-tree.ts';
import { booted } from './booted.ts';
import { secondsText } from './history.ts';
import type { Outcome } from './plan.ts';
import { ReadyWatch } from './ready-check.ts';
import { isStillThere, type WorkerTree, workersOf } from './worker-tree.ts';

/** What is told to end, and how long is waited for what. */
export interface Recycle {
  readonly tree: WorkerTree;
  /** Who is to end: one worker, or all of them for a reload. */
  readonly targets: readonly ProcessFacts[];
  /** Who gets the signal: the worker itself, or its master for a reload. */
  readonly recipient: ProcessFacts;
  readonly signalName: NodeJS.Signals;
  readonly readyUrl: string | null;
  /** For the old ones to end, and as long again for the new ones to serve. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onEvent: (says: string) => void;
}

const POLL_EVERY_MS = 250;
/** Where a server shows no sign of having booted, a worker that is there so long counts as there. */
const SETTLE_MS = 3000;
/** A new worker that weighs more than this share of the old one brings no relief. */
const RELIEF_SHARE = 0.9;

/**
 * Tells processes to end gracefully and waits: until they have ended, until their successors serve, and until the service answers. Never
 * sends a second signal: one that does not end in time is left alone, and that is said.
 */
export async function recycle(options: Recycle): Promise<Outcome> {
  const { tree, targets, recipient, signalName, readyUrl, onEvent } = options;
  const startedMs = performance.now();
  const before = new Set(workersOf(tree).map(processKey));
  const current = targets.map(({ pid }) => readProcess(pid)).filter((each) => each !== null);
  const memoryBeforeBytes = current.reduce((sum, each) => sum + weightBytes(each), 0);
  const watch = readyUrl === null ? null : new ReadyWatch(readyUrl);
  const outcome = (state: Outcome['state'], says: string, fresh: readonly ProcessFacts[] = []): Outcome => {
    const after = fresh.map(({ pid }) => readProcess(pid)).filter((each) => each !== null);
    return {
      state,
      says,
      oldPids: targets.map(({ pid }) => pid),
      newPids: fresh.map(({ pid }) => pid),
      memoryBeforeBytes,
      memoryAfterBytes: after.length === 0 ? null : after.reduce((sum, each) => sum + weightBytes(each), 0),
      checks: watch?.counts ?? null,
      elapsedMs: performance.now() - startedMs,
    };
  };
  const names = targets.map(({ pid }) => pid).join(', ');
  try {
    // The last look before the signal: between it and the signal are some microseconds, in which a pid is not given again.
    if (!isStillThere(recipient) || targets.some((target) => !isStillThere(target)))
      return outcome('failed', `process ${names} has ended by itself; nothing was sent`);
    try {
      process.kill(recipient.pid, signalName);
    } catch (cause) {
      return outcome(
        'failed',
        `${signalName} could not be sent to ${recipient.pid}: ${(cause as Error).message}`,
      );
    }
    onEvent(`${signalName} sent to ${recipient.pid}`);
    const ended = await until(options, () => targets.every((target) => !isStillThere(target)));
    if (ended !== 'yes') {
      return outcome(
        ended === 'interrupted' ? 'interrupted' : 'failed',
        `${names} got ${signalName} and ${ended === 'interrupted' ? 'was not waited for' : `has not ended within ${secondsText(options.timeoutMs)}: it still finishes requests, or hangs. Stanch sends no SIGKILL: look at it (stanch capture ${targets[0]?.pid}), or end it yourself`}`,
      );
    }
    onEvent(`${names} ended after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    const fresh = freshWorkers(tree, before, targets.length);
    const served = await until(options, () => fresh.areServing());
    if (served !== 'yes') {
      return outcome(
        served === 'interrupted' ? 'interrupted' : 'failed',
        served === 'interrupted'
          ? `${names} ended; its successor was not waited for`
          : fresh.says(names, options.timeoutMs),
        fresh.seen(),
      );
    }
    onEvent(
      `${pidsText(fresh.seen())} ${tree.server?.title ?? ''} worker serves in its place`.replace('  ', ' '),
    );
    if (watch) {
      const good = await until(options, () => watch.isGood);
      if (good !== 'yes') {
        return outcome(
          good === 'interrupted' ? 'interrupted' : 'failed',
          `${pidsText(fresh.seen())} is there, and the service is not ready: ${watch.lastSays}`,
          fresh.seen(),
        );
      }
      if (watch.problem !== null) return outcome('failed', watch.problem, fresh.seen());
    }
    return judged(outcome('done', '', fresh.seen()), names);
  } finally {
    await watch?.stop();
  }
}

function judged(outcome: Outcome, names: string): Outcome {
  const { memoryBeforeBytes: before, memoryAfterBytes: after, newPids } = outcome;
  const became = `${names} → ${newPids.join(', ')}`;
  if (before === null || after === null) return { ...outcome, says: `${became}; memory could not be read` };
  const sizes = `${formatBytes(before)} → ${formatBytes(after)}`;
  if (after >= before * RELIEF_SHARE)
    return {
      ...outcome,
      state: 'no-relief',
      says: `${became}: ${sizes}: the memory did not fall; restarting does not help here`,
    };
  return { ...outcome, says: `${became}: ${sizes}` };
}

interface FreshWorkers {
  areServing(): boolean;
  seen(): readonly ProcessFacts[];
  says(names: string, timeoutMs: number): string;
}

/** Those that were not there before, and are here still. */
function freshWorkers(tree: WorkerTree, before: ReadonlySet<string>, wanted: number): FreshWorkers {
  const firstSeenMs = new Map<string, number>();
  let last: readonly ProcessFacts[] = [];
  const isServing = (worker: ProcessFacts): boolean => {
    const sign = tree.server ? booted(tree.server, worker.pid) : 'unknown';
    if (sign !== 'unknown') return sign === 'yes';
    return performance.now() - firstSeenMs.get(processKey(worker))! >= SETTLE_MS;
  };
  return {
    areServing() {
      last = workersOf(tree).filter((worker) => !before.has(processKey(worker)));
      for (const worker of last) {
        const key = processKey(worker);
        if (!firstSeenMs.has(key)) firstSeenMs.set(key, performance.now());
      }
      return last.filter(isServing).length >= wanted;
    },
    seen: () => last,
    says(names, timeoutMs) {
      const within = secondsText(timeoutMs);
      if (last.length > 0) return `${names} ended; ${pidsText(last)} has not booted within ${within}`;
      return firstSeenMs.size === 0
        ? `${names} ended, and no new worker came within ${within}: there is one fewer now`
        : `${names} ended; ${firstSeenMs.size} new workers came and ended again within ${within}`;
    },
  };
}

async function until(
  { timeoutMs, signal }: Recycle,
  condition: () => boolean,
): Promise<'yes' | 'timeout' | 'interrupted'> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (signal.aborted) return 'interrupted';
    if (performance.now() > deadline) return 'timeout';
    await sleep(POLL_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return 'yes';
}

/** With the start it is one process and no later one. */
export function processKey({ pid, startTicks }: Pick<ProcessFacts, 'pid' | 'startTicks'>): string {
  return `${pid}:${startTicks}`;
}

function pidsText(processes: readonly ProcessFacts[]): string {
  return processes.map(({ pid }) => pid).join(', ');
}
