import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAgentRequest } from '../sources/processes/agent-request.ts';
import { CaptureError } from './capture-error.ts';

/** How an agent is asked that listens to a signal and tells by its status file: that of Ruby, and that of Python. */
export interface SignalDumpOptions {
  readonly pid: number;
  /** Its pid as itself sees it. */
  readonly pidInside?: number;
  /** The agent's private folder. */
  readonly folder: string;
  /** Without SIG. */
  readonly signalName: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly values?: boolean;
  readonly gz?: boolean;
}

interface Told {
  readonly last: {
    readonly id?: string;
    readonly state: string;
    readonly reason?: string;
    readonly path?: string;
  } | null;
}

const POLL_EVERY_MS = 50;

/**
 * Lays down a request, sends the signal and waits until the agent tells of it.
 *
 * @returns the dump's path as the process sees it
 * @throws CaptureError with the agent's own reason
 */
export async function dumpBySignal(options: SignalDumpOptions): Promise<string> {
  const { pid, pidInside = pid, folder, signalName, timeoutMs, signal, values, gz } = options;
  const target = `process ${pid}`;
  const id = randomUUID();
  await writeAgentRequest(folder, pidInside, {
    id,
    ...(values === undefined ? {} : { values }),
    ...(gz === undefined ? {} : { gz }),
  });
  try {
    process.kill(pid, `SIG${signalName}`);
  } catch (cause) {
    throw new CaptureError(target, 'connect', `cannot be signalled with SIG${signalName}`, { cause });
  }
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    await sleep(POLL_EVERY_MS, undefined, { signal });
    const last = (await told(join(folder, `stanch-${pidInside}.status.json`)))?.last;
    if (last?.id === id) {
      if (last.state === 'done' && last.path) return last.path;
      throw new CaptureError(target, 'take-snapshot', last.reason ?? `the dump ${last.state}`);
    }
    refuseGone(pid);
  }
  throw new CaptureError(target, 'take-snapshot', `no dump after ${Math.round(timeoutMs / 1000)} s`, {
    hint: 'the log of the service says why',
  });
}

function refuseGone(pid: number): void {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return;
    throw new CaptureError(`process ${pid}`, 'take-snapshot', 'it has ended meanwhile', {
      hint: 'stanch top shows what runs in its place',
    });
  }
}

async function told(file: string): Promise<Told | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Told;
  } catch {
    return null;
  }
}
