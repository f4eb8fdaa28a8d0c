import { setTimeout as sleep } from 'node:timers/promises';
import { listenersAround, listenersOf, ownerOfSocket } from '../../sources/processes/listening-ports.ts';
import { procText } from '../../sources/processes/proc-text.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { SIGNAL_NUMBER, type SignalAction, signalAction } from '../../sources/processes/signals.ts';
import { CaptureError } from '../capture-error.ts';
import { InspectorClient } from '../inspector-client.ts';
import { DEFAULT_PORT, inspectorPortIn, nodeOptions, snapshotSignalIn } from './node-options.ts';
import { noteOpening, type OpeningNote } from './opened-inspectors.ts';
import { type Reach, reachInto } from './reach.ts';

const OPENS_WITHIN_MS = 5000;
const CLOSES_WITHIN_MS = 5000;
const POLL_EVERY_MS = 50;
/** Node.js sets its handler of SIGUSR1 while it starts: 0.03 s after the start on a calm machine, more than a second on a busy one. */
export const STARTS_WITHIN_SECONDS = 10;
/** Twice this is between our going and the closing of the inspector. */
const CLOSE_AFTER_MS = 400;

/** An inspector that is open, and how it came to be. */
export interface OpenInspector {
  readonly webSocketUrl: string;
  /** True when it was opened by our signal: then it is ours to close. */
  readonly openedByUs: boolean;
  /** A connection that stays open beside the captures: it asks for the heap's size and closes the inspector. */
  readonly control: InspectorClient;
  /** How the pre-flight calls the way there. */
  readonly says: string;
  /** Whether the process still listens there; looked up, not asked: a question would be a connection again. */
  listens(): Promise<boolean>;
  /** Ends the way there. */
  release(): Promise<void>;
  /** What was written down before it was opened, for whoever comes after us; taken back when it is closed. */
  readonly note?: OpeningNote;
}

/** Why the inspector of a process cannot be opened, and what would allow it. */
class InspectorObstacle extends CaptureError {
  constructor(pid: number, reason: string, hint: string) {
    super(`process ${pid}`, 'find', reason, { hint });
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
  const reach = reachInto(pid);
  const open = reach && (await openAlready(facts, reach, signal));
  if (open) return connected(open, false, facts, reach, signal);
  await untilStarted(facts, signal);
  const before = mayBeSignalled(facts, reach);
  const way = reach as Reach;
  const note = noteOpening({ pid, startTicks: facts.startTicks, door: null }, [...before]);
  try {
    process.kill(pid, 'SIGUSR1');
  } catch (cause) {
    note.done();
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
      const url = await way.inspector(port);
      if (url === null) continue;
      note.seen(url);
      return connected({ url, port }, true, facts, way, signal, note);
    }
    // Whoever stops us now leaves an inspector open that was asked for: wait until it can be closed.
    await sleep(POLL_EVERY_MS);
  }
  await way.close();
  // The note stays: should the inspector come up later, the next run closes it.
  throw new InspectorObstacle(
    pid,
    `SIGUSR1 was sent, and no inspector came up within ${OPENS_WITHIN_MS / 1000} s: the service handles that signal itself, or its event loop is blocked`,
    'start it with --inspect=127.0.0.1:0, or with --heapsnapshot-signal=SIGUSR2',
  );
}

/** Closes what `openInspector` opened. Returns what went wrong, for the user to know; null when all is as it was. */
export async function closeInspector(inspector: OpenInspector): Promise<string | null> {
  const { control, webSocketUrl, openedByUs } = inspector;
  try {
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
    const deadline = performance.now() + CLOSES_WITHIN_MS;
    while (performance.now() < deadline) {
      await sleep(POLL_EVERY_MS);
      if (await inspector.listens()) continue;
      inspector.note?.done();
      return null;
    }
    return `the inspector is still open (${new URL(webSocketUrl).host}); evaluate require('inspector').close() there`;
  } catch (error) {
    return `whether its inspector was closed could not be seen: ${(error as Error).message}`;
  } finally {
    await inspector.release();
  }
}

/** Bytes that V8 uses for objects; runs no code of the service. */
export async function usedHeapBytes(control: InspectorClient): Promise<number> {
  const { usedSize } = (await control.send('Runtime.getHeapUsage')) as { usedSize: number };
  return usedSize;
}

async function connected(
  { url, port }: { readonly url: string; readonly port: number },
  openedByUs: boolean,
  { pid }: ProcessFacts,
  reach: Reach,
  signal: AbortSignal,
  note?: OpeningNote,
): Promise<OpenInspector> {
  const control = await InspectorClient.connect(url);
  const open: OpenInspector = {
    webSocketUrl: url,
    openedByUs,
    control,
    says: `${openedByUs ? 'SIGUSR1 opened its inspector on 127.0.0.1; it is closed again afterwards' : 'its inspector was open, and stays so'}${reach.says}. No ptrace.`,
    listens: () => Promise.resolve(listenersAround(pid).some((listener) => listener.port === port)),
    release: () => reach.close(),
    ...(note ? { note } : {}),
  };
  if (signal.aborted) {
    await closeInspector(open);
    signal.throwIfAborted();
  }
  return open;
}

/** Only ports that the process was told to use for its inspector are asked: its other ports belong to its users. */
async function openAlready(
  facts: ProcessFacts,
  reach: Reach,
  signal: AbortSignal,
): Promise<{ url: string; port: number } | null> {
  const options = nodeOptions(facts);
  const told = new Set([DEFAULT_PORT, inspectorPortIn(options)]);
  // Told to choose its port itself (`--inspect=0`, `--inspect-port=0`), it listens on this machine only, and so may be asked there.
  const choosesItself = told.has(0);
  for (const { port, loopback } of listenersOf(facts.pid) ?? []) {
    if (!told.has(port) && !(choosesItself && (loopback || opensEverywhere(options)))) continue;
    const url = await reach.inspector(port, signal);
    if (url !== null) return { url, port };
  }
  return null;
}

/** `--inspect=0.0.0.0:0`: then all its ports may be its inspector. */
function opensEverywhere(options: string): boolean {
  return /--inspect(?:-brk|-wait|-port)?[= ](?!127\.|localhost|\[?::1)[\w.[\]:]+:0(?!\S)/.test(options);
}

/** Waits for the handler of SIGUSR1 in a process that has only just been started. */
async function untilStarted({ pid, ageSeconds }: ProcessFacts, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + 1000 * (STARTS_WITHIN_SECONDS - (ageSeconds ?? STARTS_WITHIN_SECONDS));
  while (performance.now() < deadline && usr1Of(pid) === 'default') {
    signal.throwIfAborted();
    await sleep(POLL_EVERY_MS);
  }
}

function usr1Of(pid: number): SignalAction {
  return signalAction(procText(`/proc/${pid}/status`) ?? '', SIGNAL_NUMBER.USR1);
}

/** @returns the ports that it listens on now */
function mayBeSignalled(facts: ProcessFacts, reach: Reach | null): Set<number> {
  const { pid } = facts;
  const action = usr1Of(pid);
  const options = nodeOptions(facts);
  if (action !== 'handled') {
    throw new InspectorObstacle(
      pid,
      action === 'default'
        ? 'it does not handle SIGUSR1: that signal would kill it (--disable-sigusr1?)'
        : `SIGUSR1 does nothing there (${action})`,
      'start it with --inspect=127.0.0.1:0; it then listens on this machine only',
    );
  }
  if (snapshotSignalIn(options) === 'SIGUSR1') {
    throw new InspectorObstacle(
      pid,
      'SIGUSR1 opens no inspector there: --heapsnapshot-signal has taken it',
      'start it with --heapsnapshot-signal=SIGUSR2',
    );
  }
  if (reach === null) {
    throw new InspectorObstacle(
      pid,
      'it is in another network namespace: its 127.0.0.1 is not ours',
      'run stanch as root, which may enter it; or name its container: stanch capture container:NAME, pod:NAMESPACE/NAME',
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
  const port = inspectorPortIn(options);
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
