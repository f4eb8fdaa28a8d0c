import { UsageError } from '../../base/errors.ts';
import { type PodPlace, podForward, podRun } from '../../sources/containers/kubectl.ts';
import { type PodContainer, podContainers } from '../../sources/containers/pod-list.ts';
import { serviceIn } from '../../sources/containers/service-in.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { CaptureError } from '../capture-error.ts';
import type { Door } from '../probes/door.ts';
import { scout } from '../probes/scout.ts';
import { whileLocked } from './capture-lock.ts';
import { canWorkFromHere } from './container.ts';
import { pprofBase, prepareGoHandler } from './go.ts';
import { prepareNodeInside } from './node-inside.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

/** As the API server says it. */
const FORBIDDEN = /\bforbidden\b/i;
/** Where Go services have their pprof handler when nobody says otherwise. */
const PPROF_PORT = 6060;

/** Reads `pod:NAMESPACE/NAME[/CONTAINER]`; without a namespace it is `default`. @throws UsageError */
export function podPlace(text: string): PodPlace {
  const parts = text.split('/');
  const [first, second, third] = parts;
  // A name that began with a hyphen would be an option of kubectl.
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9][a-z0-9.-]*$/.test(part)))
    throw new UsageError(
      `pod:${text}: that is no name of a pod`,
      'pod:NAMESPACE/NAME or pod:NAMESPACE/NAME/CONTAINER',
    );
  if (second === undefined) return { namespace: 'default', pod: first!, container: null };
  return { namespace: first!, pod: second, container: third ?? null };
}

/**
 * Prepares a container of a pod. Where its processes can be seen from here (root on its node) they are captured like any other; else it is
 * done through the user's own kubectl: the Node.js that the container has finds the process and sends the signal (`kubectl exec`), the
 * inspector or the pprof handler is reached by `kubectl port-forward`.
 *
 * @param prepareProcess what a process of this machine is prepared by
 */
export async function preparePod(
  place: PodPlace,
  wish: CaptureWish,
  prepareProcess: (facts: ProcessFacts, wish: CaptureWish) => Promise<PreparedTarget>,
): Promise<PreparedTarget> {
  const { signal } = wish;
  const container = await containerOf(place, signal);
  const here = container.containerId === null ? null : serviceIn(null, container.containerId);
  if (here !== null && here.runtime !== null && canWorkFromHere(here)) return prepareProcess(here, wish);
  const name = `pod:${place.namespace}/${place.pod}/${container.container}`;
  const door: Door = {
    name,
    way: 'kubectl exec and port-forward',
    bytesAConnection: 0,
    run: (argv) => podRun({ ...place, container: container.container }, argv),
    tunnel: (port) => podForward(place, port),
  };
  const hasNode = await scout(door).then(
    ({ processes }) => processes.some(({ runtime }) => runtime === 'node'),
    (error: unknown) => error as CaptureError,
  );
  signal.throwIfAborted();
  if (hasNode === true) return prepareNodeInside(door, wish);
  const ports = new Set([...container.ports.map(({ port }) => port), PPROF_PORT]);
  for (const port of ports) {
    const tunnel = await podForward(place, port, signal).catch(() => null);
    signal.throwIfAborted();
    if (!tunnel) continue;
    const handler = await pprofBase(`http://127.0.0.1:${tunnel.port}/`, signal).catch(() => null);
    if (handler && !signal.aborted)
      try {
        return await whileLocked(`${name}:${port}`, name, () =>
          prepareGoHandler(handler, null, wish, {
            identity: `${name}:${port}`,
            says: `, port ${port} of ${name} (kubectl port-forward)`,
            close: () => tunnel.close(),
          }),
        );
      } catch (error) {
        await tunnel.close();
        throw error;
      }
    await tunnel.close();
    signal.throwIfAborted();
  }
  // Its message begins with the name already.
  const reason =
    hasNode === false
      ? 'no Node.js service runs in it'
      : hasNode.message.replace(`${name}: looking at it: `, '');
  throw new CaptureError(
    name,
    'find',
    `${reason}, and no pprof handler answers on its ports (${[...ports].join(', ')})`,
    {
      hint: FORBIDDEN.test(reason)
        ? 'your role needs: get pods, create pods/exec and pods/portforward'
        : 'Go: import _ "net/http/pprof" and listen on 127.0.0.1:6060; Ruby and Python: run stanch as root on its node, or kubectl port-forward to the port of the agent, and give that address with STANCH_TOKEN',
    },
  );
}

async function containerOf(place: PodPlace, signal: AbortSignal): Promise<PodContainer> {
  const all = await podContainers(place, signal);
  const found =
    place.container === null ? all[0] : all.find(({ container }) => container === place.container);
  if (!found || (place.container === null && all.length === 0)) {
    throw new CaptureError(
      `pod:${place.namespace}/${place.pod}`,
      'find',
      `it has no container ${place.container ?? ''}`,
      {
        hint: `it has: ${all.map(({ container }) => container).join(', ')}`,
      },
    );
  }
  if (!found.running) {
    throw new CaptureError(
      `pod:${place.namespace}/${place.pod}`,
      'find',
      `${found.container} does not run now`,
      {
        hint: found.lastEnd === null ? 'kubectl describe pod says why' : `its last end: ${found.lastEnd}`,
      },
    );
  }
  return found;
}
