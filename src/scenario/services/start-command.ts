import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, StanchError } from '../../base/errors.ts';
import { listenersOf } from '../../sources/processes/listening-ports.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import { heaviestWorker } from '../../sources/processes/process-tree.ts';
import type { RunningService } from '../scenario.ts';

export interface StartCommandOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Is ready when this answers, whatever it answers; when absent, as soon as it listens on a port. */
  readonly url?: string | undefined;
  readonly readyWithinMs?: number | undefined;
  readonly signal: AbortSignal;
}

const READY_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 100;
const STOP_GRACE_MS = 5000;
const KEPT_OUTPUT_CHARACTERS = 4000;
const ANSWER_WITHIN_MS = 2000;

/**
 * Starts a service by a command of the shell, in a process group of its own, and waits until it serves. The target is the process that
 * listens, or the worker of a master that does.
 *
 * @throws StanchError `service-failed` (exit code 4) with the end of what it wrote
 */
export async function startCommand(command: string, options: StartCommandOptions): Promise<RunningService> {
  const { cwd, env = {}, url, signal, readyWithinMs = READY_WITHIN_MS } = options;
  signal.throwIfAborted();
  const child = spawn('/bin/sh', ['-c', command], {
    ...(cwd === undefined ? {} : { cwd }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: nodeOptions(process.env['NODE_OPTIONS']), ...env },
  });
  let output = '';
  const keep = (text: string): void => {
    output = (output + text).slice(-KEPT_OUTPUT_CHARACTERS);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const exited = once(child, 'exit').catch(() => undefined);
  // Nobody who ends us may leave it behind.
  const endWithUs = (): void => killGroup(child, 'SIGKILL');
  process.once('exit', endWithUs);
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= stopGroup(child, exited).finally(() => process.off('exit', endWithUs));
    return stopping;
  };
  const failed = (reason: string): StanchError =>
    new StanchError(`'${command}' ${reason}${output.trim() === '' ? '' : `:\n${output.trim()}`}`, {
      code: 'service-failed',
      exitCode: EXIT.unreachable,
    });
  try {
    const deadline = performance.now() + readyWithinMs;
    for (;;) {
      signal.throwIfAborted();
      if (child.exitCode !== null || child.signalCode !== null)
        throw failed(`ended with ${child.signalCode ?? `code ${child.exitCode}`} before it served`);
      const found = url === undefined || (await answers(url, signal)) ? listener(child.pid!) : null;
      if (found !== null) return { target: found.pid, url: url ?? `http://127.0.0.1:${found.port}`, stop };
      if (performance.now() > deadline)
        throw failed(
          url === undefined
            ? `listens on no port after ${readyWithinMs / 1000} s`
            : `does not answer at ${url} after ${readyWithinMs / 1000} s`,
        );
      await sleep(POLL_EVERY_MS);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Its inspector is opened by a signal, and shall not take the port of another's. */
function nodeOptions(given = ''): string {
  return /--inspect/.test(given) ? given : `${given} --inspect-port=0`.trim();
}

/** The process of the group that listens, and where; of a master and its workers, a worker. */
function listener(group: number): { pid: number; port: number } | null {
  const all = listProcesses();
  const below = new Set([group]);
  // Children come after their parents often, not always: until nothing is added.
  for (let before = 0; before < below.size; ) {
    before = below.size;
    for (const { pid, ppid } of all) if (below.has(ppid)) below.add(pid);
  }
  const serving = all.flatMap((facts) => {
    const port = below.has(facts.pid) ? listenersOf(facts.pid)?.[0]?.port : undefined;
    return port === undefined ? [] : [{ facts, port }];
  });
  const first = serving.find(({ facts }) => facts.master) ?? serving[0];
  if (!first) return null;
  if (!first.facts.master) return { pid: first.facts.pid, port: first.port };
  const worker = heaviestWorker(first.facts, all);
  return worker && { pid: worker.pid, port: first.port };
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, {
      headers: { connection: 'close' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

async function stopGroup(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  killGroup(child, 'SIGTERM');
  const timer = setTimeout(() => killGroup(child, 'SIGKILL'), STOP_GRACE_MS);
  if (child.exitCode === null && child.signalCode === null) await exited;
  clearTimeout(timer);
  // What the command started and did not wait for.
  killGroup(child, 'SIGKILL');
}

function killGroup({ pid }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
