import type { Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPaths } from '../../sources/processes/open-paths.ts';
import { procText } from '../../sources/processes/proc-text.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { SIGNAL_NUMBER, signalAction } from '../../sources/processes/signals.ts';
import { CaptureError } from '../capture-error.ts';
import { takeOver } from './evidence-file.ts';
import { nodeOptions } from './node-options.ts';

const POLL_EVERY_MS = 100;
/** V8 begins the file only when the graph is built, which is most of the time. */
const BEGINS_WITHIN_MS = 300_000;
const STANDS_STILL_MS = 60_000;

/** A process that was started with `--heapsnapshot-signal`. */
export interface SignalSnapshot {
  readonly signal: 'SIGUSR1' | 'SIGUSR2';
  /** Where it writes, as seen from here. */
  readonly folder: string;
}

/**
 * The signal at which a process writes a snapshot by itself, from its arguments and NODE_OPTIONS; null when it has none, when it is a
 * signal that Stanch does not send, or when the kernel does not say that it is handled (it would end the process).
 */
export function signalSnapshotOf(facts: ProcessFacts): SignalSnapshot | null {
  const options = nodeOptions(facts);
  const name = /--heapsnapshot-signal(?:=|\s+)(SIGUSR[12])(?!\S)/.exec(options)?.[1] as
    | SignalSnapshot['signal']
    | undefined;
  if (name === undefined) return null;
  const number = name === 'SIGUSR1' ? SIGNAL_NUMBER.USR1 : SIGNAL_NUMBER.USR2;
  if (signalAction(procText(`/proc/${facts.pid}/status`) ?? '', number) !== 'handled') return null;
  const told = /--diagnostic-dir(?:ectory)?(?:=|\s+)(\S+)/.exec(options)?.[1];
  const proc = `/proc/${facts.pid}`;
  const folder =
    told === undefined ? `${proc}/cwd` : told.startsWith('/') ? `${proc}/root${told}` : `${proc}/cwd/${told}`;
  return { signal: name, folder };
}

/**
 * Has the process write a snapshot by its signal, waits until it is whole, and takes it over.
 *
 * @throws CaptureError when it writes none, or ends meanwhile
 */
export async function takeSignalSnapshot(
  facts: ProcessFacts,
  way: SignalSnapshot,
  { file, pack, signal }: { file: string; pack: boolean; signal: AbortSignal },
): Promise<{ bytes: number; sha256: string }> {
  const { pid } = facts;
  const target = `process ${pid}`;
  signal.throwIfAborted();
  const before = new Set((await dumpsIn(way.folder, facts)).map(({ name }) => name));
  try {
    process.kill(pid, way.signal);
  } catch (cause) {
    throw new CaptureError(target, 'connect', `cannot be signalled with ${way.signal}`, {
      hint: 'run stanch as the user of the service, or as root',
      cause,
    });
  }
  const path = await whole(facts, way, before, signal);
  try {
    return await takeOver(path, file, { pack });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EACCES') throw cause;
    throw new CaptureError(target, 'write', `its snapshot lies in ${path} and may not be read`, {
      hint: 'run stanch as the user of the service, or as root',
      cause,
    });
  }
}

/** Waits for a new dump until nobody writes it any more and its end is there. */
async function whole(
  facts: ProcessFacts,
  { folder, signal: name }: SignalSnapshot,
  before: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string> {
  const target = `process ${facts.pid}`;
  let lastChange = performance.now();
  let lastBytes = -1;
  for (;;) {
    const found = (await dumpsIn(folder, facts)).find((entry) => !before.has(entry.name));
    const path = found && join(folder, found.name);
    const bytes = path === undefined ? -1 : ((await stat(path).catch(() => null))?.size ?? -1);
    if (bytes !== lastBytes) lastChange = performance.now();
    else if (path !== undefined && bytes > 0 && !isOpen(facts, found!.name) && (await endsWell(path, bytes)))
      return path;
    lastBytes = bytes;
    if (hasEnded(facts))
      throw new CaptureError(target, 'take-snapshot', 'it ended while it wrote its snapshot', {
        ...(path === undefined ? {} : { hint: `what it wrote was in its folder: ${found!.name}` }),
      });
    const patienceMs = bytes < 0 ? BEGINS_WITHIN_MS : STANDS_STILL_MS;
    if (performance.now() - lastChange > patienceMs)
      throw new CaptureError(
        target,
        'take-snapshot',
        bytes < 0
          ? `no snapshot ${patienceMs / 1000} s after ${name}`
          : `its snapshot stopped growing at ${bytes} bytes: is the disk of the service full?`,
        { hint: 'look at the log of the service; its folder must be writable for it' },
      );
    await sleep(POLL_EVERY_MS, undefined, { signal });
  }
}

/** `Heap.20240121.093000.4711.0.001.heapsnapshot`: the pid as the process itself sees it, then its thread. */
async function dumpsIn(folder: string, { pidInside }: ProcessFacts): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  const name = new RegExp(`^Heap\\.\\d+\\.\\d+\\.${pidInside}\\.\\d+\\.\\d+\\.heapsnapshot$`);
  // A link may lead anywhere.
  return entries.filter((entry) => entry.isFile() && name.test(entry.name));
}

/** Gone, or a zombie that nobody has waited for. */
function hasEnded({ pid }: ProcessFacts): boolean {
  return !/\) [^ZX] /.test(procText(`/proc/${pid}/stat`) ?? '');
}

function isOpen({ pid }: ProcessFacts, name: string): boolean {
  return openPaths(pid)?.some((path) => path.endsWith(`/${name}`)) ?? false;
}

async function endsWell(path: string, bytes: number): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => null);
  // Who may not read it learns so when it is taken over.
  if (!handle) return true;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, Math.max(0, bytes - 16));
    return /\]\s*\}\s*$/.test(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await handle.close();
  }
}
