import { setTimeout as sleep } from 'node:timers/promises';
import { listProcesses } from '../../sources/processes/process-list.ts';
import type { SignalAction } from '../../sources/processes/signals.ts';
import { CaptureError } from '../capture-error.ts';
import { InspectorClient } from '../inspector-client.ts';
import type { Door } from './door.ts';
import { closeInspector, type OpenInspector, STARTS_WITHIN_SECONDS } from './node-inspector.ts';
import { DEFAULT_PORT, inspectorPortIn, snapshotSignalIn } from './node-options.ts';
import { leftOpen, noteOpening, type OpeningNote } from './opened-inspectors.ts';
import { reachThrough } from './reach.ts';
import { type ScoutedProcess, scout } from './scout.ts';

const OPENS_WITHIN_MS = 15_000;
const POLL_EVERY_MS = 300;

/**
 * Opens the inspector of a Node.js process in a container that cannot be seen from here: one that is open is used, else the container's own
 * Node.js sends SIGUSR1.
 *
 * @throws CaptureError with the one change that would allow it
 */
export async function openInspectorInside(
  door: Door,
  process: ScoutedProcess,
  around: readonly number[],
  signal: AbortSignal,
): Promise<OpenInspector> {
  const { pid, startTicks, command, nodeOptions } = process;
  const options = `${nodeOptions} ${command.filter((argument) => argument.startsWith('--')).join(' ')}`;
  const port = inspectorPortIn(options);
  const reach = reachThrough((each) => door.tunnel(each), ` through ${door.way}`);
  const obstacle = (reason: string, hint: string): CaptureError =>
    new CaptureError(`${door.name}, process ${pid}`, 'find', reason, { hint });
  const owner = { pid, startTicks, door: door.name };
  const left = leftOpen().find(
    (each) => each.door === door.name && each.pid === pid && each.startTicks === startTicks,
  );
  // Where the container is of this machine, its end can be seen although nothing in it can be asked any more.
  const isHere = (): boolean =>
    listProcesses().some((each) => each.pidInside === pid && each.startTicks === startTicks);
  const wasHere = isHere();
  let note: OpeningNote | undefined;
  try {
    // Where it was told to choose a port itself, it listens on its own 127.0.0.1; what a killed run has opened is known by its path.
    const chosen = port === 0 ? process.loopbackPorts : [];
    const since = process.ports?.filter((each) => left && !left.before.includes(each)) ?? [];
    for (const each of new Set([port, DEFAULT_PORT, ...chosen, ...since])) {
      if (!process.ports?.includes(each)) continue;
      const url = await reach.inspector(each, signal);
      if (url === null) continue;
      // Ours to close, as it was that run's.
      if (left && (left.path === null || left.path === new URL(url).pathname)) {
        note = noteOpening(owner, left.before);
        note.seen(url);
      }
      return await connected(url, each);
    }
    const usr1 = await usr1WhenStarted();
    if (usr1 !== 'handled')
      throw obstacle(
        usr1 === 'default'
          ? 'it does not handle SIGUSR1: that signal would kill it (--disable-sigusr1?)'
          : `SIGUSR1 does nothing there (${usr1})`,
        'start it with --inspect=127.0.0.1:9229',
      );
    if (snapshotSignalIn(options) === 'SIGUSR1')
      throw obstacle('SIGUSR1 writes a snapshot there', 'start it with --heapsnapshot-signal=SIGUSR2');
    if (port !== 0 && around.includes(port))
      throw obstacle(
        `its inspector would listen on port ${port}, which is taken there`,
        'close the inspector that listens there, or start it with --inspect-port=0',
      );
    signal.throwIfAborted();
    note = noteOpening(owner, process.ports ?? []);
    const { code, stderr, failure } = await door.run([
      'node',
      '-e',
      "process.kill(+process.argv[1], 'SIGUSR1')",
      String(pid),
    ]);
    if (code !== 0) {
      note.done();
      throw new CaptureError(
        `${door.name}, process ${pid}`,
        'connect',
        `it cannot be signalled: ${failure ?? stderr.trim().split('\n').at(-1)}`,
      );
    }
    const deadline = performance.now() + OPENS_WITHIN_MS;
    while (performance.now() < deadline) {
      const now = (await scout(door)).processes.find((each) => each.pid === pid);
      for (const each of now?.ports?.filter((candidate) => !process.ports?.includes(candidate)) ?? []) {
        const url = await reach.inspector(each);
        if (url === null) continue;
        note.seen(url);
        return await connected(url, each);
      }
      await sleep(POLL_EVERY_MS);
    }
    throw obstacle(
      'SIGUSR1 was sent, and no inspector came up: the service handles that signal itself, or its event loop is blocked',
      'start it with --inspect=127.0.0.1:9229',
    );
  } catch (error) {
    await reach.close();
    throw error;
  }

  /** Node.js sets its handler while it starts. */
  async function usr1WhenStarted(): Promise<SignalAction> {
    const deadline =
      performance.now() + 1000 * (STARTS_WITHIN_SECONDS - (process.ageSeconds ?? STARTS_WITHIN_SECONDS));
    let { usr1 } = process;
    while (usr1 === 'default' && performance.now() < deadline) {
      signal.throwIfAborted();
      await sleep(POLL_EVERY_MS);
      const now = (await scout(door)).processes.find((each) => each.pid === pid);
      if (now?.startTicks !== startTicks) throw obstacle('it has ended', 'stanch top shows what runs now');
      usr1 = now.usr1;
    }
    return usr1;
  }

  async function connected(url: string, at: number): Promise<OpenInspector> {
    const open: OpenInspector = {
      webSocketUrl: url,
      openedByUs: note !== undefined,
      control: await InspectorClient.connect(url),
      says: `${note ? 'SIGUSR1 opened its inspector on its 127.0.0.1; it is closed again afterwards' : 'its inspector was open, and stays so'}; reached${reach.says}. Nothing is installed.`,
      async listens() {
        await sleep(POLL_EVERY_MS);
        return (!wasHere || isHere()) && (await scout(door)).ports.includes(at);
      },
      release: () => reach.close(),
      ...(note ? { note } : {}),
    };
    if (signal.aborted) {
      await closeInspector(open);
      signal.throwIfAborted();
    }
    return open;
  }
}
