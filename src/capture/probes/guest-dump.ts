import { setTimeout as sleep } from 'node:timers/promises';
import { heldStill } from '../../sources/processes/held-still.ts';
import { type ProcessMark, stillRuns } from '../../sources/processes/process-identity.ts';
import { CaptureError } from '../capture-error.ts';
import { type GuestFolder, type GuestPlace, guestFolder } from './guest-folder.ts';
import { keepAwake } from './wake.ts';

/** What the code that was brought into a process tells of its dump, in the file `result.json`. */
export interface GuestResult {
  readonly state: 'done' | 'refused' | 'failed';
  readonly reason?: string;
}

export interface GuestDumpOptions {
  /** That one: a later process with its pid is left alone. */
  readonly process: ProcessMark;
  readonly place: GuestPlace;
  /** Files that the process will load, by name; made with the folder as the process sees it. */
  readonly files: (inside: string) => Record<string, string>;
  /** Makes the process load them. What it returns takes the wish back where it was not seen yet, also by a second thread; null where that cannot be. */
  readonly bring: (folder: GuestFolder) => Promise<(() => void) | null>;
  /** Whether the wish waits in one thread, so that it is brought again, to whatever thread then goes on, when nothing comes of it. */
  readonly oneThread?: boolean;
  readonly signal: AbortSignal;
}

/** An interpreter that works finds the wish within milliseconds; one that waits for its users is woken. */
const BEGINS_WITHIN_MS = 20_000;
/** By then another thread may have begun to go on. */
const BRING_AGAIN_AFTER_MS = [5000, 12_000];
const ENDS_WITHIN_MS = 300_000;
const POLL_EVERY_MS = 25;

/**
 * Brings code into a process that was not prepared and waits for the dump. The code writes the file `begun` at once and `result.json` at its
 * end. The folder is removed in any case: a child that still writes then writes what nobody sees, and ends.
 *
 * @param take called with the folder when the dump is there
 */
export async function guestDump<Result>(
  options: GuestDumpOptions,
  take: (folder: GuestFolder) => Promise<Result>,
): Promise<Result> {
  const { process, place, files, signal } = options;
  const target = `process ${process.pid}`;
  refuseGone(process);
  const folder = await guestFolder(process.pid, place);
  try {
    for (const [name, text] of Object.entries(files(folder.inside))) await folder.write(name, text);
    await begun(options, folder);
    const { state, reason } = await ended(process, folder, signal);
    if (state === 'done') return await take(folder);
    throw new CaptureError(target, 'take-snapshot', reason ?? `the dump ${state}`);
  } finally {
    await folder.remove();
  }
}

async function begun(
  { process, bring, oneThread = false, signal }: GuestDumpOptions,
  folder: GuestFolder,
): Promise<void> {
  const letSleep = keepAwake(process.pid);
  let takeBack: (() => void) | null = null;
  try {
    takeBack = await bring(folder);
    const started = performance.now();
    const bringAgain = oneThread ? [...BRING_AGAIN_AFTER_MS] : [];
    while ((await folder.read('begun')) === null) {
      const waitedMs = performance.now() - started;
      refuseGone(process);
      if (waitedMs > BEGINS_WITHIN_MS) refuseIdle(process);
      if (waitedMs > (bringAgain[0] ?? Number.POSITIVE_INFINITY)) {
        bringAgain.shift();
        await bring(folder);
      }
      await sleep(POLL_EVERY_MS, undefined, { signal });
    }
  } finally {
    letSleep();
    takeBack?.();
  }
}

function refuseIdle({ pid }: ProcessMark): never {
  const still = heldStill(pid);
  throw new CaptureError(
    `process ${pid}`,
    'take-snapshot',
    `it ${still === null ? 'did nothing of its own' : `is ${still} now, and did nothing`} for ${BEGINS_WITHIN_MS / 1000} s; nothing was taken, and nothing happens when it wakes`,
    {
      hint: 'capture it while it is at work, or load the agent (docs/agents)',
    },
  );
}

async function ended(process: ProcessMark, folder: GuestFolder, signal: AbortSignal): Promise<GuestResult> {
  const deadline = performance.now() + ENDS_WITHIN_MS;
  while (performance.now() < deadline) {
    const text = await folder.read('result.json');
    if (text !== null) return JSON.parse(text) as GuestResult;
    refuseGone(process);
    await sleep(POLL_EVERY_MS, undefined, { signal });
  }
  throw new CaptureError(
    `process ${process.pid}`,
    'take-snapshot',
    `no dump after ${ENDS_WITHIN_MS / 1000} s`,
  );
}

function refuseGone(process: ProcessMark): void {
  if (stillRuns(process)) return;
  throw new CaptureError(`process ${process.pid}`, 'take-snapshot', 'it has ended meanwhile', {
    hint: 'stanch top shows what runs in its place',
  });
}
