import { EXIT, StanchError, UsageError } from '../../base/errors.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import { heaviestWorker, weightBytes } from '../../sources/processes/process-tree.ts';
import { isHelper, notSupported } from '../../sources/processes/recognise.ts';
import { CaptureError } from '../capture-error.ts';
import { inspectorAt } from '../probes/inspector-at.ts';
import { rubyAgentAt } from '../ruby-agent-http.ts';
import { whileLocked } from './capture-lock.ts';
import { knowsContainer, prepareContainer } from './container.ts';
import { pprofBase, prepareGoHandler, prepareGoProcess } from './go.ts';
import { addressIdentity, processIdentity } from './identity.ts';
import { processesAt } from './local-process.ts';
import { prepareNodeAddress, prepareNodeProcess } from './node.ts';
import { podPlace, preparePod } from './pod.ts';
import { preparePythonAgent, preparePythonProcess, pythonAgentAt } from './python.ts';
import { prepareRubyProcess } from './ruby.ts';
import { prepareRubyAddress } from './ruby-address.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';
import { standstill, standstillError, whileItRuns } from './while-it-runs.ts';

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
  if (kind === 'pod') return preparePod(podPlace(name), wish, prepareProcess);
  const url = URL.canParse(target) ? new URL(target) : null;
  if (url && /^wss?:$/.test(url.protocol)) return prepareInspector(target, url, wish);
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
  return whileLocked(processIdentity(facts), `process ${facts.pid}`, () => prepareRuntime(facts, wish));
}

async function prepareRuntime(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  const obstacle = standstill(facts);
  if (obstacle !== null && notSupported({ ...facts, name: facts.role }) === null)
    throw standstillError(facts, obstacle);
  return whileItRuns(facts, await prepareByRuntime(facts, wish));
}

async function prepareByRuntime(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
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
    case null:
      throw unsupported(facts);
  }
}

function unsupported(facts: ProcessFacts): StanchError {
  const { pid, role } = facts;
  const watched = `its memory can be watched all the same: stanch confirm ${pid} --for 15m`;
  const known = notSupported({ ...facts, name: role });
  return new StanchError(
    `process ${pid}: ${known === null ? `'${role}' is no Node.js, Go, Ruby or Python that can be recognised` : `${known} is not supported yet (${role})`}`,
    {
      code: 'capture-unsupported',
      exitCode: EXIT.unreachable,
      hint:
        known === null
          ? `${watched}; a Go program that was packed is captured by the address of its pprof handler, a Node.js one by that of its inspector`
          : watched,
    },
  );
}

/** Under the lock of the process that an address leads to; of the address itself where nothing is known of that. */
function prepareBehind(
  address: string,
  facts: ProcessFacts | null,
  prepare: () => Promise<PreparedTarget>,
): Promise<PreparedTarget> {
  return whileLocked(facts ? processIdentity(facts) : addressIdentity(address), address, prepare);
}

function prepareInspector(webSocketUrl: string, url: URL, wish: CaptureWish): Promise<PreparedTarget> {
  const facts = processesAt(url, 'node')[0] ?? null;
  return prepareBehind(webSocketUrl, facts, () => prepareNodeAddress(webSocketUrl, facts, wish));
}

async function prepareAddress(url: URL, wish: CaptureWish): Promise<PreparedTarget> {
  const { signal, token } = wish;
  const inspector =
    url.protocol === 'http:' && url.port !== ''
      ? await inspectorAt(url.hostname, Number(url.port), signal)
      : null;
  if (inspector !== null) return prepareInspector(inspector, url, wish);
  let nobody: CaptureError | null = null;
  const handler = await pprofBase(url.href, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    if (!(error instanceof CaptureError)) throw error;
    nobody = error;
    return null;
  });
  if (handler) {
    const facts = processesAt(url, 'go')[0] ?? null;
    return prepareBehind(handler.base.href, facts, () => prepareGoHandler(handler, facts, wish));
  }
  if (token) {
    const status = await pythonAgentAt(url.href, token, signal).catch(() => null);
    signal.throwIfAborted();
    // Behind one port there may be several workers: the agent says which of them it is in.
    if (status) {
      const facts = processesAt(url, 'python').find(({ pidInside }) => pidInside === status.pid) ?? null;
      return prepareBehind(url.href, facts, () => preparePythonAgent(url.href, token, status, facts, wish));
    }
    const ruby = await rubyAgentAt({ url: url.href, token, signal }).catch(() => null);
    signal.throwIfAborted();
    if (ruby) {
      const facts =
        processesAt(url, 'ruby').find(
          ({ pidInside, startTicks }) => pidInside === ruby.pid && startTicks === ruby.startTicks,
        ) ?? null;
      return prepareBehind(url.href, facts, () => prepareRubyAddress(url.href, token, ruby, facts, wish));
    }
  }
  const service = serviceAt(url);
  if (service !== null) return prepareProcess(service, wish);
  if (nobody !== null) {
    const { cause } = nobody as CaptureError;
    throw new CaptureError(url.href, 'connect', `nobody answers there: ${(cause as Error).message}`, {
      hint: 'stanch top lists the services of this machine, --containers and --pods those elsewhere',
      cause,
    });
  }
  throw new CaptureError(
    url.href,
    'find',
    'neither an inspector, nor a pprof handler, nor an agent answers there',
    {
      hint: token
        ? 'STANCH_TOKEN is set, and no agent takes it: is it the token of that service, and is the agent mounted there (docs/agents)? On the machine of the service its pid is enough'
        : 'a Ruby or Python service is captured from afar by its agent: mount it (docs/agents) and set STANCH_TOKEN here; on the machine of the service its pid is enough',
    },
  );
}

/**
 * The service behind an address of this machine, by whose pid it can be captured although nothing answers us there: of workers that share the
 * port the heaviest, and the heaviest of a master's where it alone listens. Null where nothing of a known runtime listens.
 */
function serviceAt(url: URL): ProcessFacts | null {
  const found = processesAt(url).filter((each) => each.runtime !== null && !isHelper(each));
  const workers = found.filter(({ master }) => !master);
  const [heaviest] = (workers.length > 0 ? workers : found).toSorted(
    (a, b) => weightBytes(b) - weightBytes(a),
  );
  if (!heaviest?.master) return heaviest ?? null;
  // A daemon that listens for several services does not say which of them has the port.
  return heaviest.role === 'pm2 daemon' ? null : (heaviestWorker(heaviest, listProcesses()) ?? heaviest);
}
