import type { ProcessFacts } from '../sources/processes/process-facts.ts';
import { type Gate, pass, refuse } from './plan.ts';
import type { WorkerTree } from './worker-tree.ts';

/** Evaluates an expression in a Node.js process and gives its value. Given by whoever can open an inspector. */
export type AskNode = (process: ProcessFacts, expression: string) => Promise<unknown>;

const CLUSTER = `(process.getBuiltinModule?.bind(process) ?? require)('cluster')`;
const LISTENS = `process.listenerCount('SIGTERM')`;
const FORKS = `${CLUSTER}.listenerCount('exit') + ${CLUSTER}.listenerCount('disconnect')`;

/**
 * What only the processes themselves know: Node.js handles SIGTERM in every process, so that the kernel's mask is the same whether the
 * service listens to it or is ended by it in the middle of its requests. Replaces the gates that were put off.
 */
export async function settleNodeGates(
  gates: readonly Gate[],
  { master }: WorkerTree,
  worker: ProcessFacts,
  ask: AskNode,
): Promise<Gate[]> {
  const settled: Gate[] = [];
  for (const gate of gates) {
    if (gate.state !== 'later') settled.push(gate);
    else if (gate.name === 'graceful') {
      const count = await counted(ask, worker, LISTENS);
      settled.push(
        typeof count === 'string'
          ? refuse(
              'graceful',
              `whether worker ${worker.pid} listens to SIGTERM could not be asked: ${count}`,
              ACCEPT('graceful'),
              true,
            )
          : count > 0
            ? pass('graceful', `worker ${worker.pid} listens to SIGTERM`)
            : refuse(
                'graceful',
                `worker ${worker.pid} does not listen to SIGTERM: it would end at once, in the middle of its requests`,
                `add process.on('SIGTERM', …) that closes the server; ${ACCEPT('graceful')}`,
                true,
              ),
      );
    } else if (gate.name === 'supervisor' && master) {
      const count = await counted(ask, master, FORKS);
      settled.push(
        typeof count === 'string'
          ? refuse(
              'supervisor',
              `whether primary ${master.pid} forks another could not be asked: ${count}`,
              ACCEPT('supervisor'),
              true,
            )
          : count > 0
            ? pass(
                'supervisor',
                `primary ${master.pid} listens to the exit of its workers; whether it forks another is seen then`,
              )
            : refuse(
                'supervisor',
                `primary ${master.pid} does not listen to the exit of its workers: nobody would fork another`,
                `add cluster.on('exit', () => cluster.fork()); ${ACCEPT('supervisor')}`,
                true,
              ),
      );
    } else settled.push(gate);
  }
  return settled;
}

const ACCEPT = (name: string): string => `--accept ${name}="<reason>", if it is known to`;

async function counted(ask: AskNode, process: ProcessFacts, expression: string): Promise<number | string> {
  try {
    const value = await ask(process, expression);
    return typeof value === 'number' ? value : `it answered ${String(value)}`;
  } catch (error) {
    return (error as Error).message;
  }
}
