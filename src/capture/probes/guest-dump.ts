import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenersOf, sharesNetwork } from '../../sources/processes/listening-ports.ts';
import { procText } from '../../sources/processes/proc-text.ts';
import { CaptureError } from '../capture-error.ts';
import { type GuestFolder, type GuestPlace, guestFolder } from './guest-folder.ts';

/** What the code that was brought into a process tells of its dump, in the file `result.json`. */
export interface GuestResult {
  readonly state: 'done' | 'refused' | 'failed';
  readonly reason?: string;
}

export interface GuestDumpOptions {
  readonly pid: number;
  readonly place: GuestPlace;
  /** Files that the process will load, by name; made with the folder as the process sees it. */
  readonly files: (inside: string) => Record<string, string>;
  /** Makes the process load them. */
  readonly bring: (folder: GuestFolder) => Promise<void>;
  readonly signal: AbortSignal;
}

/** An interpreter that works finds the wish within milliseconds; one that waits for its users is woken. */
const BEGINS_WITHIN_MS = 20_000;
const WAKE_EVERY_MS = 500;
const ENDS_WITHIN_MS = 300_000;
const POLL_EVERY_MS = 25;

/**
 * Brings code into a process that was not prepared and waits for the dump. The code writes the file `begun` at once and `result.json` at its
 * end. The folder is removed in any case: a child that still writes then writes what nobody sees, and ends.
 *
 * @param take called with the folder when the dump is there
 */
export async function guestDump<Result>(
  { pid, place, files, bring, signal }: GuestDumpOptions,
  take: (folder: GuestFolder) => Promise<Result>,
): Promise<Result> {
  const target = `process ${pid}`;
  const folder = await guestFolder(pid, place);
  try {
    for (const [name, text] of Object.entries(files(folder.inside))) await folder.write(name, text);
    await bring(folder);
    await begun(pid, folder, signal);
    const { state, reason } = await ended(pid, folder, signal);
    if (state === 'done') return await take(folder);
    throw new CaptureError(target, 'take-snapshot', reason ?? `the dump ${state}`);
  } finally {
    await folder.remove();
  }
}

async function begun(pid: number, folder: GuestFolder, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  let wokenAt = started;
  while ((await folder.read('begun')) === null) {
    const now = performance.now();
    refuseGone(pid);
    if (now - started > BEGINS_WITHIN_MS) {
      throw new CaptureError(
        `process ${pid}`,
        'take-snapshot',
        `it did nothing of its own for ${BEGINS_WITHIN_MS / 1000} s; nothing was taken, and nothing happens when it wakes`,
        {
          hint: 'capture it while it is at work, or load the agent (docs/agents)',
        },
      );
    }
    if (now - wokenAt > WAKE_EVERY_MS) {
      wokenAt = now;
      await wake(pid);
    }
    await sleep(POLL_EVERY_MS, undefined, { signal });
  }
}

async function ended(pid: number, folder: GuestFolder, signal: AbortSignal): Promise<GuestResult> {
  const deadline = performance.now() + ENDS_WITHIN_MS;
  while (performance.now() < deadline) {
    const text = await folder.read('result.json');
    if (text !== null) return JSON.parse(text) as GuestResult;
    refuseGone(pid);
    await sleep(POLL_EVERY_MS, undefined, { signal });
  }
  throw new CaptureError(`process ${pid}`, 'take-snapshot', `no dump after ${ENDS_WITHIN_MS / 1000} s`);
}

function refuseGone(pid: number): void {
  const status = procText(`/proc/${pid}/status`);
  if (status !== null && !/^State:\s+Z/m.test(status)) return;
  throw new CaptureError(`process ${pid}`, 'take-snapshot', 'it has ended meanwhile', {
    hint: 'stanch top shows what runs in its place',
  });
}

/** A connection that is closed at once, as health checks of load balancers make them: it lets a waiting loop turn. */
async function wake(pid: number): Promise<void> {
  if (!sharesNetwork(pid)) return;
  for (const { port } of listenersOf(pid) ?? []) {
    await new Promise<void>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', timeout: WAKE_EVERY_MS }, () => socket.destroy());
      socket.once('error', () => socket.destroy()).once('timeout', () => socket.destroy());
      socket.once('close', () => resolve());
    });
  }
}
