import { EXIT, StanchError } from '../../base/errors.ts';
import { type ContainerFacts, containerFacts } from '../../sources/containers/container-list.ts';
import { type Engine, EngineError, engineSocket } from '../../sources/containers/engine-api.ts';
import { engineRun, engineStream } from '../../sources/containers/engine-exec.ts';
import { listenersOf, sharesNetwork } from '../../sources/processes/listening-ports.ts';
import { procLink } from '../../sources/processes/proc-text.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import { weightBytes } from '../../sources/processes/process-tree.ts';
import { isHelper } from '../../sources/processes/recognise.ts';
import { CaptureError } from '../capture-error.ts';
import type { Door } from '../probes/door.ts';
import { mayEnterNetwork, openTunnel, RELAY_PROGRAM } from '../probes/tunnel.ts';
import { prepareNodeInside } from './node-inside.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

/** What a relay of Node.js in the container was seen to take of its limit. */
const RELAY_BYTES = 30e6;

/**
 * Prepares a container by its name or the beginning of its id. Where its processes can be seen from here they are captured like any
 * other; else the Node.js that it has opens the way (`docker exec`).
 *
 * @param prepareProcess what a process of this machine is prepared by
 */
export async function prepareContainer(
  name: string,
  wish: CaptureWish,
  prepareProcess: (facts: ProcessFacts, wish: CaptureWish) => Promise<PreparedTarget>,
): Promise<PreparedTarget> {
  const socketPath = engineSocket();
  if (socketPath === null) {
    throw new CaptureError(`container:${name}`, 'find', 'no container engine was found on this machine', {
      hint: 'DOCKER_HOST=unix:///path names its socket; podman: systemctl start podman.socket',
    });
  }
  const engine: Engine = { socketPath, signal: wish.signal };
  const container = await containerFacts(engine, name).catch((error: unknown) => {
    if (!(error instanceof EngineError) || error.status !== 404) throw error;
    throw new CaptureError(`container:${name}`, 'find', 'there is no such container', {
      hint: 'stanch top --containers lists those that run',
    });
  });
  const here = container.hostPid === null ? null : serviceIn(container.hostPid, container.id);
  // What may not be looked at is not known for what it is: then only the container itself can tell.
  const isKnown = here !== null && here.executable !== null;
  if (isKnown && (here.runtime !== 'node' || canWorkFromHere(here.pid))) return prepareProcess(here, wish);
  return prepareNodeInside(dockerDoor(engine, container), wish);
}

/** The process of a container that is worth a look: its heaviest one of a known runtime that is no master. */
function serviceIn(hostPid: number, containerId: string): ProcessFacts | null {
  const all = listProcesses();
  const space = procLink(`/proc/${hostPid}/ns/pid`);
  const own = procLink('/proc/self/ns/pid');
  const members = all.filter(
    (each) =>
      each.containerId === containerId ||
      each.pid === hostPid ||
      (space !== null && space !== own && procLink(`/proc/${each.pid}/ns/pid`) === space),
  );
  const heaviest = (some: readonly ProcessFacts[]): ProcessFacts | undefined =>
    some.toSorted((a, b) => weightBytes(b) - weightBytes(a))[0];
  return (
    heaviest(members.filter((each) => each.runtime !== null && !each.master && !isHelper(each))) ??
    heaviest(members.filter(({ runtime }) => runtime !== null)) ??
    all.find(({ pid }) => pid === hostPid) ??
    null
  );
}

function canWorkFromHere(pid: number): boolean {
  return listenersOf(pid) !== null && (sharesNetwork(pid) || mayEnterNetwork(pid));
}

function dockerDoor({ socketPath }: Engine, { id, name }: ContainerFacts): Door {
  // Without the user's signal: the end of the capture must not take the way to close the inspector with it.
  const engine: Engine = { socketPath };
  return {
    name: `container:${name}`,
    way: `docker exec ${name}`,
    bytesAConnection: RELAY_BYTES,
    run: (argv) => engineRun(engine, id, argv),
    tunnel: (port) => openTunnel(() => engineStream(engine, id, ['node', '-e', RELAY_PROGRAM, String(port)])),
  };
}

/** True when an engine answers here and knows a container of this name. */
export async function knowsContainer(name: string, signal: AbortSignal): Promise<boolean> {
  const socketPath = engineSocket();
  if (socketPath === null) return false;
  try {
    await containerFacts({ socketPath, signal }, name);
    return true;
  } catch (error) {
    if (error instanceof StanchError && error.exitCode === EXIT.unreachable) return false;
    throw error;
  }
}
