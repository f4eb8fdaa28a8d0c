import { formatBytes } from '../base/units.ts';
import type { ProcessFacts } from '../sources/processes/process-facts.ts';
import { weightBytes } from '../sources/processes/process-tree.ts';
import { type EvidenceQuestion, evidenceGate } from './evidence-gate.ts';
import { historyGates, type Limits, type PastAct, secondsText, unfinishedGate } from './history.ts';
import type { Act, Gate, Step } from './plan.ts';
import {
  gracefulGate,
  headroomGate,
  identityGate,
  oneAtATimeGate,
  permissionGate,
  signalGate,
  singleWorkerGate,
  supervisorGate,
  workerGate,
} from './process-gates.ts';
import { readyGate } from './ready-check.ts';
import { processKey } from './recycle.ts';
import { isStillThere, type WorkerTree } from './worker-tree.ts';

/** What is wanted of a process and its service. */
export interface ProcessWish {
  readonly act: Exclude<Act, 'gc'>;
  /** `restart` of the worker that has most memory, whichever process of the service was named. */
  readonly worst: boolean;
  /** A signal for the master, without SIG, instead of one worker after the other. */
  readonly signalName: string | null;
  /** Start of the named process, in ticks since boot, as an earlier plan told it. */
  readonly started: number | null;
  readonly readyUrl: string | null;
  readonly timeoutMs: number;
  readonly everyMs: number;
  readonly limits: Limits & { readonly closedMs: number };
  readonly past: readonly PastAct[];
  readonly evidence: Pick<EvidenceQuestion, 'evidence' | 'without' | 'capture'>;
  readonly lockIsOurs: boolean;
  readonly nowMs: number;
}

/** What would be done to processes of this machine, and what speaks against it. */
export interface ProcessPlan {
  readonly gates: readonly Gate[];
  readonly steps: readonly Step[];
  /** Who is to end, in this order. */
  readonly targets: readonly ProcessFacts[];
  /** Who gets the signal, where that is not the target itself. */
  readonly reloads: ProcessFacts | null;
  readonly signal: NodeJS.Signals | null;
  /** Earlier acts without an outcome, and what is seen of them now: to be written down before anything is done. */
  readonly settle: readonly { readonly act: PastAct; readonly says: string }[];
}

/** Plans the restart of one worker, or of all workers one after the other. Sends nothing. */
export async function planProcesses(tree: WorkerTree, wish: ProcessWish): Promise<ProcessPlan> {
  const { named, server, master, workers } = tree;
  const { act, worst, signalName, everyMs, past, limits, nowMs } = wish;
  const one = worst ? (workers[0] ?? named) : named;
  // A master is never a target: who named it must say --worst, or roll.
  const namedMaster = one.pid === master?.pid || (one.master && !server);
  const targets = act === 'rolling-restart' ? workers : namedMaster ? [] : [one];
  const reloads = signalName === null ? null : named;
  const [first] = targets;
  const unfinished = unfinishedGate(past, tree.key, isKeyThere);
  const ownRoles: Gate[] = act === 'restart' ? [workerGate(tree, worst ? one : null)] : [];
  // A reload starts the new workers first.
  const leavesNobody = master !== null && signalName === null && targets.length > 0;
  const gates: (Gate | null)[] = [
    identityGate(named, wish.started),
    ...(signalName === null ? [] : [signalGate(tree, signalName)]),
    ...ownRoles,
    leavesNobody ? singleWorkerGate(tree) : null,
    supervisorGate(tree),
    // Who has nobody to start it again is not asked how it would end.
    server?.recycle && signalName === null && first ? gracefulGate(tree, first) : null,
    reloads && server ? headroomGate(tree) : null,
    permissionGate(reloads ? [reloads] : targets),
    evidenceGate({
      ...wish.evidence,
      runtime: named.runtime,
      startedMs: startedMs(master ?? named, nowMs),
      pids: pidsOf(tree, past),
    }),
    unfinished.gate,
    server ? oneAtATimeGate(tree, act === 'restart' ? targets : [], everyMs, wish.lockIsOurs) : null,
    ...historyGates(past, tree.key, nowMs, limits),
    await readyGate(wish.readyUrl),
  ];
  return {
    gates: gates.filter((gate) => gate !== null),
    steps: stepsOf(tree, wish, targets, reloads),
    targets,
    reloads,
    signal: reloads ? (`SIG${signalName}` as NodeJS.Signals) : (server?.recycle ?? null),
    settle: unfinished.settle,
  };
}

function stepsOf(
  { server, workers }: WorkerTree,
  { act, signalName, readyUrl, timeoutMs, everyMs }: ProcessWish,
  targets: readonly ProcessFacts[],
  reloads: ProcessFacts | null,
): Step[] {
  if (!server?.recycle || targets.length === 0) return [];
  const within = `${secondsText(timeoutMs)} at most`;
  const [first] = targets;
  const of = (process: ProcessFacts): string =>
    `${process.pid} (${process.role}, ${formatBytes(weightBytes(process))})`;
  const sends: Step = reloads
    ? {
        does: `sends SIG${signalName} to the master ${reloads.pid}`,
        why: 'all workers begin without what they have piled up',
        safe: server.masterSignals[signalName ?? '']?.says ?? 'it is not known to be',
        stops: 'any gate that refuses',
        command: null,
      }
    : {
        does:
          act === 'restart'
            ? `sends ${server.recycle} to worker ${of(first!)}`
            : `takes ${targets.map(({ pid }) => pid).join(', ')}, most memory first, one at a time: sends ${server.recycle} to each`,
        why:
          act === 'restart' && first === workers[0]
            ? `it has most memory of ${workers.length} workers`
            : 'a new worker begins without what the old one has piled up',
        safe: server.because,
        stops: 'any gate that refuses',
        command: null,
      };
  return [
    sends,
    {
      does: `waits until ${reloads ? 'the old ones have' : 'it has'} ended, ${within}`,
      why: 'it finishes the requests that it is busy with',
      safe: 'no second signal, and never SIGKILL: what does not end in time is left alone and told',
      stops: 'the time; Ctrl-C',
      command: null,
    },
    {
      does: `waits until ${reloads ? 'the new ones serve' : 'its successor serves'}${readyUrl === null ? '' : ` and ${readyUrl} has answered three times in a row`}, ${within}`,
      why:
        readyUrl === null
          ? 'without --ready only the process itself is looked at, nobody asks the service'
          : 'a worker that is there is not yet one that works',
      safe: 'only looks',
      stops: readyUrl === null ? 'the time' : 'the time; more than 5 % of the questions failing meanwhile',
      command: null,
    },
    ...(act === 'rolling-restart' && !reloads
      ? [
          {
            does: `waits ${secondsText(everyMs)}, looks at all gates of the workers again, and takes the next one`,
            why: 'one worker fewer is what the others can bear',
            safe: 'at any time one worker at most is missing',
            stops:
              'a worker that does not end or does not come back, memory that does not fall, failing questions',
            command: null,
          },
        ]
      : []),
  ];
}

/** Pids of a service: those that run, and those that earlier acts have ended. */
function pidsOf({ named, master, workers, key }: WorkerTree, past: readonly PastAct[]): number[] {
  const ended = past
    .filter(({ tree }) => tree === key)
    .flatMap(({ processes }) => processes.map((each) => Number(each.split(':')[0])));
  return [named.pid, ...(master ? [master.pid] : []), ...workers.map(({ pid }) => pid), ...ended];
}

function startedMs({ ageSeconds }: ProcessFacts, nowMs: number): number | null {
  return ageSeconds === null ? null : nowMs - ageSeconds * 1000;
}

function isKeyThere(key: string): boolean {
  const [pid, startTicks] = key.split(':').map(Number);
  return isStillThere({ pid: pid!, startTicks: startTicks! });
}

/** Facts of the record before the act: who is to end. */
export function processKeys(targets: readonly ProcessFacts[]): string[] {
  return targets.map(processKey);
}
