import { StanchError } from '../../base/errors.ts';
import { type ContainerFacts, containerFacts, notAtWork } from '../../sources/containers/container-list.ts';
import { type EngineAddress, engineAddress, requireEngine } from '../../sources/containers/engine-address.ts';
import { type Engine, EngineError } from '../../sources/containers/engine-api.ts';
import { engineRun, engineStream } from '../../sources/containers/engine-exec.ts';
import { serviceIn } from '../../sources/containers/service-in.ts';
import { listenersOf, sharesNetwork } from '../../sources/processes/listening-ports.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
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
  const address = requireEngine();
  const engine: Engine = { ...address, signal: wish.signal };
  const container = await containerFacts(engine, name).catch((error: unknown) => {
    if (!(error instanceof EngineError) || error.status !== 404) throw error;
    throw new CaptureError(`container:${name}`, 'find', 'there is no such container', {
      hint: 'stanch top --containers lists those that run',
    });
  });
  const obstacle = notAtWork(container);
  if (obstacle !== null)
    throw new CaptureError(`container:${container.name}`, 'find', obstacle.says, { hint: obstacle.hint });
  const here = container.hostPid === null ? null : serviceIn(container.hostPid, container.id);
  if (here !== null && canWorkFromHere(here)) return prepareProcess(here, wish);
  return prepareNodeInside(dockerDoor(address, container), wish);
}

/** What may not be looked at is not known for what it is: then only the container itself can tell. */
export function canWorkFromHere({ pid, executable, runtime }: ProcessFacts): boolean {
  if (executable === null) return false;
  return runtime !== 'node' || (listenersOf(pid) !== null && (sharesNetwork(pid) || mayEnterNetwork(pid)));
}

function dockerDoor(address: EngineAddress, { id, name }: ContainerFacts): Door {
  // Without the user's signal: the end of the capture must not take the way to close the inspector with it.
  const engine: Engine = { ...address };
  return {
    name: `container:${name}`,
    way: `docker exec ${name}`,
    bytesAConnection: RELAY_BYTES,
    run: (argv) => engineRun(engine, id, argv),
    tunnel: (port) => openTunnel(() => engineStream(engine, id, ['node', '-e', RELAY_PROGRAM, String(port)])),
  };
}

/**
 * True when an engine answers here and knows a container of this name.
 *
 * @throws StanchError when there is an engine that cannot be asked
 */
export async function knowsContainer(name: string, signal: AbortSignal): Promise<boolean> {
  const address = engineAddress();
  if (address === null) return false;
  try {
    await containerFacts({ ...address, signal }, name);
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return false;
    if (!(error instanceof StanchError) || signal.aborted) throw error;
    throw new StanchError(`'${name}' is neither a pid nor an address; as a container: ${error.message}`, {
      code: error.code,
      exitCode: error.exitCode,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}
