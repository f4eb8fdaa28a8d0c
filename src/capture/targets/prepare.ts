import { EXIT, StanchError, UsageError } from '../../base/errors.ts';
import { listenersAround, ownerOfSocket } from '../../sources/processes/listening-ports.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import type { Runtime } from '../../sources/processes/recognise.ts';
import { CaptureError } from '../capture-error.ts';
import { inspectorAt } from '../probes/inspector-at.ts';
import { knowsContainer, prepareContainer } from './container.ts';
import { pprofBase, prepareGoHandler, prepareGoProcess } from './go.ts';
import { prepareNodeAddress, prepareNodeProcess } from './node.ts';
import { podPlace, preparePod } from './pod.ts';
import { preparePythonAgent, preparePythonProcess, pythonAgentAt } from './python.ts';
import { prepareRubyProcess } from './ruby.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

/**
 * Finds out what a target is, and looks at what a capture would cost. Nothing is taken; the caller shows the pre-flight and then
 * captures or not, and closes in either case.
 *
 * @param target a pid, `container:NAME`, `pod:NAMESPACE/NAME[/CONTAINER]`, the name of a container, an inspector's web socket, or the address
 *   of an inspector, a pprof handler or an agent
 * @throws StanchError with what would allow it
 */
export async function prepareTarget(target: string, wish: CaptureWish): Promise<PreparedTarget> {
  if (/^\d+$/.test(target)) return prepareProcess(processOf(Number(target)), wish);
  const [, kind, name = ''] = /^(container|pod):(.+)$/.exec(target) ?? [];
  if (kind === 'container') return prepareContainer(name, wish, prepareProcess);
  if (kind === 'pod') return preparePod(podPlace(name), wish);
  const url = URL.canParse(target) ? new URL(target) : null;
  if (url && /^wss?:$/.test(url.protocol)) return prepareNodeAddress(target, processAt(url, 'node'), wish);
  if (url && /^https?:$/.test(url.protocol)) return prepareAddress(url, wish);
  if (CONTAINER_NAME.test(target) && (await knowsContainer(target, wish.signal)))
    return prepareContainer(target, wish, prepareProcess);
  throw new UsageError(
    `'${target}' is neither a pid nor an address, and no container has that name`,
    'stanch top lists processes, with --containers and --pods those; addresses begin with http:// or ws://',
  );
}

/** As Docker and podman let containers be called. */
const CONTAINER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

function processOf(pid: number): ProcessFacts {
  const facts = listProcesses().find((process) => process.pid === pid);
  if (facts) return facts;
  throw new CaptureError(`process ${pid}`, 'find', 'there is none with this pid', {
    hint: 'stanch top lists those that there are',
  });
}

function prepareProcess(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  switch (facts.runtime) {
    case 'node':
      return prepareNodeProcess(facts, wish);
    case 'go':
      return prepareGoProcess(facts, wish);
    case 'ruby':
      return prepareRubyProcess(facts, wish);
    case 'python':
      return preparePythonProcess(facts, wish);
    case 'jvm':
      throw unsupported(facts, 'the JVM is not supported yet');
    case null:
      throw unsupported(facts, `'${facts.role}' is no Node.js, Go, Ruby or Python that can be recognised`);
  }
}

function unsupported({ pid }: ProcessFacts, reason: string): StanchError {
  return new StanchError(`process ${pid}: ${reason}`, {
    code: 'capture-unsupported',
    exitCode: EXIT.unreachable,
    hint: `its memory can be watched all the same: stanch confirm ${pid} --for 15m`,
  });
}

async function prepareAddress(url: URL, wish: CaptureWish): Promise<PreparedTarget> {
  const { signal, token } = wish;
  const inspector =
    url.protocol === 'http:' && url.port !== ''
      ? await inspectorAt(url.hostname, Number(url.port), signal)
      : null;
  if (inspector !== null) return prepareNodeAddress(inspector, processAt(url, 'node'), wish);
  const handler = await pprofBase(url.href, signal);
  if (handler) return prepareGoHandler(handler, processAt(url, 'go'), wish);
  if (token) {
    const status = await pythonAgentAt(url.href, token, signal).catch(() => null);
    signal.throwIfAborted();
    // Behind one port there may be several workers: the agent says which of them it is in.
    if (status) {
      const facts = processAt(url, 'python');
      return preparePythonAgent(
        url.href,
        token,
        status,
        facts?.pidInside === status.pid ? facts : null,
        wish,
      );
    }
  }
  throw new CaptureError(
    url.href,
    'find',
    'neither an inspector, nor a pprof handler, nor an agent answers there',
    {
      hint: token
        ? 'for a Ruby service on this machine give the pid of a worker'
        : "for an agent's endpoint set STANCH_TOKEN",
    },
  );
}

/** The near ends of tunnels: their memory says nothing of what is behind them. */
const TUNNEL = /^(kubectl|ssh|docker|docker-proxy|oc|k3s|rootlessport|cloudflared|envoy)$/;

/** The process behind an address of this machine, so that its limit can be looked at; null for others. */
function processAt({ hostname, port, protocol }: URL, runtime: Runtime): ProcessFacts | null {
  if (hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.')) return null;
  const number = Number(port || (protocol === 'https:' ? 443 : 80));
  try {
    const listener = listenersAround(process.pid).find((each) => each.port === number);
    const pid = listener ? ownerOfSocket(listener.inode) : null;
    const facts = listProcesses().find((each) => each.pid === pid);
    return facts?.runtime === runtime && !TUNNEL.test(facts.role) ? facts : null;
  } catch {
    return null;
  }
}
