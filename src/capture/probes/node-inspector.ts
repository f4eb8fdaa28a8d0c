import { setTimeout as sleep } from 'node:timers/promises';
import {
  listenersAround,
  listenersOf,
  ownerOfSocket,
  sharesNetwork,
} from '../../sources/processes/listening-ports.ts';
import { procText } from '../../sources/processes/proc-text.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { SIGNAL_NUMBER, signalAction } from '../../sources/processes/signals.ts';
import { CaptureError } from '../capture-error.ts';
import { InspectorClient } from '../inspector-client.ts';

const DEFAULT_PORT = 9229;
const ASK_TIMEOUT_MS = 2000;
const OPENS_WITHIN_MS = 5000;
const CLOSES_WITHIN_MS = 5000;
const POLL_EVERY_MS = 50;
/** Twice this is between our going and the closing of the inspector. */
const CLOSE_AFTER_MS = 400;

/** An inspector that is open, and how it came to be. */
export interface OpenInspector {
  readonly webSocketUrl: string;
  /** True when it was opened by our signal: then it is ours to close. */
  readonly openedByUs: boolean;
  /** A connection that stays open beside the captures: it asks for the heap's size and closes the inspector. */
  readonly control: InspectorClient;
}

/** Why the inspector of a process cannot be opened, and what would allow it. */
class InspectorObstacle extends CaptureError {
  constructor(pid: number, reason: string, hint: string) {
    super(`process ${pid}`, 'find', reason, { hint });
  }
}

/** The web socket of an inspector that listens there; null when something else does, or nobody. */
export async function inspectorAt(host: string, port: number, signal?: AbortSignal): Promise<string | null> {
  try {
    const timeout = AbortSignal.timeout(ASK_TIMEOUT_MS);
    const response = await fetch(`http://${host}:${port}/json/list`, {
      headers: { connection: 'close' },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const list = (await response.json()) as { type?: string; webSocketDebuggerUrl?: string }[];
    const url = list.find(({ type }) => type === 'node')?.webSocketDebuggerUrl;
    if (url === undefined) return null;
    // What is asked through a tunnel calls itself by its own name: the way there is ours.
    const { pathname } = new URL(url);
    return `ws://${host}:${port}${pathname}`;
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}

/**
 * Opens the inspector of a Node.js process: one that is open already is used, else SIGUSR1 is sent, and only where the kernel says
 * that the process handles it (anywhere else it would end the process) and where the port is free.
 *
 * @throws CaptureError with the one change that would allow it
 */
export async function openInspector(facts: ProcessFacts, signal: AbortSignal): Promise<OpenInspector> {
  const { pid } = facts;
  const open = await openAlready(facts, signal);
  if (open !== null) return connected(open, false, signal);
  const before = mayBeSignalled(facts);
  try {
    process.kill(pid, 'SIGUSR1');
  } catch (cause) {
    const permission = (cause as NodeJS.ErrnoException).code === 'EPERM';
    throw new CaptureError(
      `process ${pid}`,
      'connect',
      permission ? 'it belongs to another user' : 'it is gone',
      {
        ...(permission ? { hint: 'run stanch as the user of the service, or as root' } : {}),
        cause,
      },
    );
  }
  const deadline = performance.now() + OPENS_WITHIN_MS;
  while (performance.now() < deadline) {
    const added = (listenersOf(pid) ?? []).filter(({ port }) => !before.has(port));
    for (const { port } of added) {
      const url = await inspectorAt('127.0.0.1', port);
      if (url !== null) return connected(url, true, signal);
    }
    // Whoever stops us now leaves an inspector open that was asked for: wait until it can be closed.
    await sleep(POLL_EVERY_MS);
  }
  throw new InspectorObstacle(
    pid,
    `SIGUSR1 was sent, and no inspector came up within ${OPENS_WITHIN_MS / 1000} s: the service handles that signal itself, or its event loop is blocked`,
    'start it with --inspect=127.0.0.1:0, or with --heapsnapshot-signal=SIGUSR2',
  );
}

/** Closes what `openInspector` opened. Returns what went wrong, for the user to know; null when all is as it was. */
export async function closeInspector(inspector: OpenInspector): Promise<string | null> {
  const { control, webSocketUrl, openedByUs } = inspector;
  if (!openedByUs) {
    await control.close();
    return null;
  }
  // Node.js 20 was seen to crash (4 of 80 tries) when `inspector.close()` runs while a connection is going: so it runs on its own, when ours is
  // long gone. A timer alone would not do: in a loop that was blocked it runs before the news of the end of our connection, an
  // immediate does not. `require` is there in the console's API on every version, `process.getBuiltinModule` only since 20.16 and 22.3.
  const close = `(process.getBuiltinModule?.bind(process) ?? require)('inspector')`;
  const expression = `{ const inspector = ${close}; setTimeout(() => setImmediate(() => setTimeout(() => inspector.close(), ${CLOSE_AFTER_MS})), ${CLOSE_AFTER_MS}); }`;
  const asked = control
    .send('Runtime.evaluate', { expression, includeCommandLineAPI: true })
    .then(() => undefined)
    .catch(() => undefined);
  await Promise.race([asked, sleep(CLOSES_WITHIN_MS * 12, undefined, { ref: false })]);
  await control.close();
  const { hostname, port } = new URL(webSocketUrl);
  const deadline = performance.now() + CLOSES_WITHIN_MS;
  while (performance.now() < deadline) {
    // Looked up, not asked: a question would be a connection again.
    if (!listenersAround(process.pid).some((listener) => listener.port === Number(port))) return null;
    await sleep(POLL_EVERY_MS);
  }
  return `the inspector is still open on ${hostname}:${port}; evaluate require('inspector').close() there`;
}

/** Bytes that V8 uses for objects; runs no code of the service. */
export async function usedHeapBytes(control: InspectorClient): Promise<number> {
  const { usedSize } = (await control.send('Runtime.getHeapUsage')) as { usedSize: number };
  return usedSize;
}

async function connected(
  webSocketUrl: string,
  openedByUs: boolean,
  signal: AbortSignal,
): Promise<OpenInspector> {
  const control = await InspectorClient.connect(webSocketUrl);
  if (signal.aborted) {
    await closeInspector({ webSocketUrl, openedByUs, control });
    signal.throwIfAborted();
  }
  return { webSocketUrl, openedByUs, control };
}

/** Only ports that the process was told to use for its inspector are asked: its other ports belong to its users. */
async function openAlready(facts: ProcessFacts, signal: AbortSignal): Promise<string | null> {
  if (!sharesNetwork(facts.pid)) return null;
  const told = new Set([DEFAULT_PORT, inspectorPort(facts)]);
  const opensAny = /--inspect(-brk|-wait)?\b(?!-port|-publish)/.test(optionsOf(facts));
  for (const { port } of listenersOf(facts.pid) ?? []) {
    if (!told.has(port) && !(opensAny && told.has(0))) continue;
    const url = await inspectorAt('127.0.0.1', port, signal);
    if (url !== null) return url;
  }
  return null;
}

/** @returns the ports that it listens on now */
function mayBeSignalled(facts: ProcessFacts): Set<number> {
  const { pid } = facts;
  const action = signalAction(procText(`/proc/${pid}/status`) ?? '', SIGNAL_NUMBER.USR1);
  if (action !== 'handled') {
    throw new InspectorObstacle(
      pid,
      action === 'default'
        ? 'it does not handle SIGUSR1: that signal would kill it (--disable-sigusr1?)'
        : `SIGUSR1 does nothing there (${action})`,
      'start it with --inspect=127.0.0.1:0; it then listens on this machine only',
    );
  }
  if (!sharesNetwork(pid)) {
    throw new InspectorObstacle(
      pid,
      'it is in another network namespace: its 127.0.0.1 is not ours',
      `run it there: nsenter -t ${pid} -n stanch capture ${pid}; in Kubernetes: kubectl exec … -- kill -USR1 ${facts.pidInside}, then kubectl port-forward … 9229`,
    );
  }
  const own = listenersOf(pid);
  if (own === null) {
    throw new InspectorObstacle(
      pid,
      'its descriptors may not be read',
      'run stanch as the user of the service, or as root',
    );
  }
  const port = inspectorPort(facts);
  const taken = port === 0 ? undefined : listenersAround(pid).find((listener) => listener.port === port);
  if (taken) {
    const owner = ownerOfSocket(taken.inode);
    throw new InspectorObstacle(
      pid,
      `its inspector would listen on port ${port}, which ${owner === null ? 'another process' : `process ${owner}`} has taken`,
      'if that is the inspector of another Node.js process, close it there first; --inspect-port=0 lets each process choose its own',
    );
  }
  return new Set(own.map(({ port: each }) => each));
}

/** Where Node.js would listen when it gets the signal: as told by options, 9229 without. */
function inspectorPort(facts: ProcessFacts): number {
  const told = [
    ...optionsOf(facts).matchAll(
      /--(?:inspect|inspect-brk|inspect-wait|inspect-port|debug-port)(?:=|\s+)(?:[\w.[\]:]*:)?(\d+)(?!\S)/g,
    ),
  ].at(-1);
  return told ? Number(told[1]) : DEFAULT_PORT;
}

/** Of the environment, which may hold secrets, only NODE_OPTIONS is looked at. */
function optionsOf({ pid, command }: ProcessFacts): string {
  const environment = /(?:^|\0)NODE_OPTIONS=([^\0]*)/.exec(procText(`/proc/${pid}/environ`) ?? '')?.[1] ?? '';
  return `${environment} ${command.filter((argument) => argument.startsWith('--') || /^\d+$/.test(argument)).join(' ')}`;
}
