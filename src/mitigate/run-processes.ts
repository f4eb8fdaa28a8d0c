import type { ProcessFacts } from '../sources/processes/process-facts.ts';
import type { ActFacts, Journal, Outcome } from './plan.ts';
import { oneAtATimeGate, permissionGate } from './process-gates.ts';
import { type ProcessPlan, processKeys } from './process-plan.ts';
import { readyGate } from './ready-check.ts';
import { recorded } from './recorded.ts';
import { recycle } from './recycle.ts';
import { type Rolled, roll } from './roll.ts';
import { isStillThere, type WorkerTree, workersOf } from './worker-tree.ts';

/** What running a plan needs besides the plan. */
export interface RunWish {
  readonly act: 'restart' | 'rolling-restart';
  readonly readyUrl: string | null;
  readonly timeoutMs: number;
  readonly everyMs: number;
  /** Written before and after each act. */
  readonly journal: Journal;
  /** Facts for the records: accepted gates, the reason for having no evidence. */
  readonly facts: ActFacts;
  /** What is to be said with the intent: accepted refusals. */
  readonly remarks: string;
  readonly signal: AbortSignal;
  readonly onEvent: (says: string) => void;
}

/**
 * Does what a plan says. Each step is on the timeline before it begins and after it has ended: whoever kills Stanch in the middle leaves an intent
 * without an outcome, which the next plan sees.
 */
export async function runProcessPlan(tree: WorkerTree, plan: ProcessPlan, wish: RunWish): Promise<Rolled> {
  const { act, journal } = wish;
  for (const { act: open, says } of plan.settle) {
    await journal(says, {
      mitigation: open.id,
      phase: 'outcome',
      act: open.act,
      tree: open.tree,
      outcome: 'settled',
    });
  }
  const { signal } = plan;
  if (signal === null) return { outcomes: [], stopped: 'no signal is known for it' };
  const one = (targets: readonly ProcessFacts[], recipient: ProcessFacts): Promise<Outcome> =>
    written(tree, targets, { ...wish, act: plan.reloads ? 'reload' : act }, () =>
      recycle({ ...wish, tree, targets, recipient, signalName: signal }),
    );
  if (plan.reloads) {
    return { outcomes: [await one(plan.targets, plan.reloads)], stopped: null };
  }
  const most = plan.targets.length;
  return roll({
    units: plan.targets,
    everyMs: wish.everyMs,
    signal: wish.signal,
    restartOne: (worker) => one([worker], worker),
    mayGoOn: () => whyStop(tree, most, wish.readyUrl),
  });
}

/** What is looked at again between two workers. */
async function whyStop(tree: WorkerTree, workers: number, readyUrl: string | null): Promise<string | null> {
  if (!tree.master || !isStillThere(tree.master)) return 'the master has ended';
  const now = workersOf(tree);
  if (now.length < workers) return `only ${now.length} of ${workers} workers are there`;
  const gates = [
    oneAtATimeGate({ ...tree, workers: now }, [], 0, true),
    permissionGate(now),
    await readyGate(readyUrl),
  ];
  return gates.find((gate) => gate?.state === 'refuse')?.says ?? null;
}

async function written(
  tree: WorkerTree,
  targets: readonly ProcessFacts[],
  { act, journal, facts, remarks }: Pick<RunWish, 'journal' | 'facts' | 'remarks'> & { readonly act: string },
  run: () => Promise<Outcome>,
): Promise<Outcome> {
  const title = tree.server?.title ?? tree.named.role;
  const who = `${targets.length === 1 ? 'worker' : 'workers'} ${targets.map(({ pid }) => pid).join(', ')}`;
  const from = tree.master ? ` of master ${tree.master.pid}` : '';
  const says = `${act}: about to tell ${title} ${who}${from} to end${remarks}`;
  return recorded(journal, { act, tree: tree.key, says, processes: processKeys(targets), facts }, run);
}
