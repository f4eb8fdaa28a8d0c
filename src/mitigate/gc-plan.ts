import { formatBytes } from '../base/units.ts';
import type { ProcessFacts } from '../sources/processes/process-facts.ts';
import { weightBytes } from '../sources/processes/process-tree.ts';
import { offersCollection } from './agent-collection.ts';
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
  return [
    { ...askingStep(process), command: null },
    {
      does: 'compares memory before and after',
      why: 'what is left is held by something: a collection does not give it back, and this does not stop a leak',
      safe: 'only looks',
      stops: 'nothing',
      command: null,
    },
  ];
}

function askingStep(process: ProcessFacts | null): Omit<Step, 'command'> {
  const why = 'shows what of its memory is garbage that was not collected yet';
  const weight = process === null ? '' : `; it weighs ${formatBytes(weightBytes(process))}`;
  switch (process?.runtime) {
    case 'node':
      return {
        does: 'opens its inspector on 127.0.0.1 (SIGUSR1, only where the process handles it), asks V8 for a full collection, closes it again',
        why,
        safe: `the service stands still for the collection: some 100 ms for 100 MB of heap${weight}`,
        stops: 'any gate that refuses; an inspector that does not open',
      };
    case 'ruby':
    case 'python':
      return {
        does: `asks Stanch's agent in it${process.agent?.signal ? ` (SIG${process.agent.signal}, which is the agent's)` : ''} for a full collection, and to give back what the allocator has free`,
        why,
        safe: `all its threads stand still for the collection: some 100 ms for a million objects${weight}; the agent allows no more than a twentieth of the time for it`,
        stops: 'any gate that refuses; the agent, while it writes a dump',
      };
    default:
      return {
        does: 'asks its pprof handler for heap?gc=1, which runs a collection',
        why,
        safe: 'the collector of Go works beside the service, which stands still for less than a millisecond',
        stops: 'any gate that refuses',
      };
  }
}

function runtimeGate(process: ProcessFacts): Gate {
  const { runtime, pid } = process;
  if (runtime === 'node' || runtime === 'go')
    return pass('runtime', `${runtime} collects when it is asked to`);
  if (offersCollection(process)) return pass('runtime', `Stanch's agent in it has ${runtime} collect`);
  return refuse(
    'runtime',
    runtime === 'ruby' || runtime === 'python'
      ? `${runtime} runs no code from outside, and no agent of Stanch in it offers a collection: nothing else is safe in a process at work`
      : `process ${pid} is no runtime that Stanch can ask`,
    runtime === 'ruby' || runtime === 'python'
      ? 'load the agent (docs/agents) for next time; what it could bring is in each dump already: diagnose tells garbage from what is held. To win time, restart a worker'
      : `stanch mitigate ${pid} restart`,
  );
}
