import type { MemoryRoom } from '../../sources/processes/memory-limit.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import { withFamily } from '../../sources/processes/recognise.ts';
import { CaptureError } from '../capture-error.ts';
import type { Door } from '../probes/door.ts';
import { openInspectorInside } from '../probes/node-inspector-inside.ts';
import { type Scouted, type ScoutedProcess, scout } from '../probes/scout.ts';
import { whileLocked } from './capture-lock.ts';
import { processIdentity } from './identity.ts';
import { kindsOf, prepareNode } from './node.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

/** The inspector is asked over two connections: one to control it, one for snapshots. */
const CONNECTIONS = 2;

/** Prepares the Node.js service in a container that cannot be seen from here, with what the container has. */
export async function prepareNodeInside(door: Door, wish: CaptureWish): Promise<PreparedTarget> {
  const kinds = kindsOf(wish);
  const found = await scout(door);
  wish.signal.throwIfAborted();
  const service = serviceOf(found);
  if (service === null) {
    throw new CaptureError(door.name, 'find', 'no Node.js service runs in it', {
      hint: 'Go, Ruby and Python: run stanch as root on the machine of the container, or give the address of the handler or the agent',
    });
  }
  const identity = identityOf(door, service);
  const target = `${door.name}, process ${service.pid}`;
  return whileLocked(identity, target, async () =>
    prepareNode(
      {
        target,
        argument: door.name,
        role: service.role,
        master: service.master,
        pid: null,
        identity,
        room: async (): Promise<MemoryRoom | null> => (await scout(door)).room,
        wayBytes: door.bytesAConnection * CONNECTIONS,
      },
      await openInspectorInside(door, service, found.ports, wish.signal),
      kinds,
      wish,
    ),
  );
}

/** The process as this machine sees it, where it runs here and only may not be looked into; pids within and starts tell. */
function identityOf(door: Door, { pid, startTicks }: ScoutedProcess): string {
  const here = listProcesses().find((each) => each.pidInside === pid && each.startTicks === startTicks);
  return here ? processIdentity(here) : `${door.name}:${pid}:${startTicks}`;
}

/** The heaviest Node.js process that is no cluster primary. */
function serviceOf({ processes }: Scouted): ScoutedProcess | null {
  const settled = processes.map((process) => ({
    ...process,
    ...withFamily(
      process,
      processes.filter(({ ppid }) => ppid === process.pid),
      processes.find(({ pid }) => pid === process.ppid) ?? null,
    ),
  }));
  const nodes = settled.filter(({ runtime }) => runtime === 'node');
  const workers = nodes.filter(({ master }) => !master);
  return (workers.length > 0 ? workers : nodes).toSorted((a, b) => b.rssBytes - a.rssBytes)[0] ?? null;
}
