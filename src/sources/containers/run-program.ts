import { type ChildProcess, spawn } from 'node:child_process';

/** What a program said and how it ended; `failure` where it did not end by itself. */
export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly failure: string | null;
}

const MOST_OUTPUT_BYTES = 64 << 20;
const KILLS_AFTER_MS = 2000;

/** Runs a program with its arguments as they are, never through a shell, and ends it when it takes too long. */
export function runProgram(
  program: string,
  args: readonly string[],
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let failure: string | null = null;
    let bytes = 0;
    const text = { stdout: '', stderr: '' };
    const stop = (reason: string): void => {
      failure ??= reason;
      endProgram(child);
    };
    const timer = setTimeout(() => stop(`no answer in ${timeoutMs / 1000} s`), timeoutMs);
    const aborted = (): void => stop('stopped');
    signal?.addEventListener('abort', aborted, { once: true });
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (chunk: string) => {
        bytes += chunk.length;
        if (bytes > MOST_OUTPUT_BYTES) stop('its output does not end');
        else text[name] += chunk;
      });
    }
    const settle = (code: number | null): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      resolve({ code, ...text, failure });
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= error.code === 'ENOENT' ? `${program} is not installed here` : error.message;
      settle(null);
    });
    child.on('close', (code) => settle(code));
  });
}

/** Asks a program of ours to end, and ends it when it does not. */
export function endProgram(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  setTimeout(
    () => child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'),
    KILLS_AFTER_MS,
  ).unref();
}
