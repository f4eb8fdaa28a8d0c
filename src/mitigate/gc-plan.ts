import { formatBytes } from '../base/units.ts';
import type { ProcessFacts } from '../sources/processes/process-facts.ts';
import { weightBytes } from '../sources/processes/process-tree.ts';
import { type Gate, pass, refuse, type Step } from './plan.ts';
import { identityGate, permissionGate } from './process-gates.ts';
import { heldBy } from './tree-lock.ts';
import type { WorkerTree } from './worker-tree.ts';

/** What a collection would be, and what speaks against it. A collection destroys no evidence: what leaks is held, and stays. */
export function planCollection(
  { named, master, workers, key }: WorkerTree,
  { started, lockIsOurs }: { started: number | null; lockIsOurs: boolean },
): { gates: Gate[]; steps: Step[] } {
  const holder = lockIsOurs ? null : heldBy(key);
  return {
    gates: [
      identityGate(named, started),
      named.pid === master?.pid || named.master
        ? refuse(
            'role',
            `process ${named.pid} is the ${named.role}: it serves nothing, and its memory is not where a leak is`,
            workers[0] ? `stanch mitigate ${workers[0].pid} gc` : 'name a worker',
          )
        : pass('role', `process ${named.pid} is ${named.role}`),
      runtimeGate(named),
      permissionGate([named]),
      holder === null
        ? pass('one-at-a-time', 'nobody else acts on this service')
        : refuse(
            'one-at-a-time',
            `process ${holder} restarts a worker of this service at this moment`,
            'wait until it has ended',
          ),
    ],
    steps: collectionSteps(named),
  };
}

/** For a handler elsewhere nothing of the process can be seen. */
export function collectionSteps(process: ProcessFacts | null): Step[] {
  const node = process?.runtime === 'node';
  return [
    {
      does: node
        ? 'opens its inspector on 127.0.0.1 (SIGUSR1, only where the process handles it), asks V8 for a full collection, closes it again'
        : 'asks its pprof handler for heap?gc=1, which runs a collection',
      why: 'shows what of its memory is garbage that was not collected yet',
      safe: node
        ? `the service stands still for the collection: some 100 ms for 100 MB of heap; it weighs ${formatBytes(weightBytes(process))}`
        : 'the collector of Go works beside the service, which stands still for less than a millisecond',
      stops: 'any gate that refuses; an inspector that does not open',
      command: null,
    },
    {
      does: 'compares memory before and after',
      why: 'what is left is held by something: a collection does not give it back, and this does not stop a leak',
      safe: 'only looks',
      stops: 'nothing',
      command: null,
    },
  ];
}

function runtimeGate({ runtime, pid }: ProcessFacts): Gate {
  if (runtime === 'node' || runtime === 'go')
    return pass('runtime', `${runtime} collects when it is asked to`);
  return refuse(
    'runtime',
    runtime === 'ruby' || runtime === 'python'
      ? `${runtime} runs no code from outside: Stanch's agent takes dumps and offers no collection, and nothing else is safe in a process at work`
      : `process ${pid} is no runtime that Stanch can ask`,
    runtime === 'ruby' || runtime === 'python'
      ? 'what it could bring is in each dump already: diagnose tells garbage from what is held; to win time, restart a worker'
      : `stanch mitigate ${pid} restart`,
  );
}
