import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Aside } from '../base/byte-source.ts';

export interface ThreadTask {
  readonly path: string;
  readonly task: unknown;
}

/** The built thread stands beside the bundle or one folder above it; the sources run without one. */
const PLACES = ['./read-aside.js', '../read-aside.js'];

/** Starts a thread on the file; null when there is one core only, or no built thread (in tests on the sources). */
export function startThread(task: ThreadTask): Aside | null {
  const script = PLACES.map((place) => new URL(place, import.meta.url)).find((url) =>
    existsSync(fileURLToPath(url)),
  );
  if (!script || availableParallelism() < 2) return null;
  const worker = new Worker(script, { workerData: task });
  const arrived: unknown[] = [];
  let waiting: ((message: unknown) => void) | null = null;
  let ended = false;
  const deliver = (message: unknown): void => {
    if (!waiting) arrived.push(message);
    else {
      waiting(message);
      waiting = null;
    }
  };
  const end = (): void => {
    ended = true;
    waiting?.(null);
    waiting = null;
  };
  worker.on('message', deliver);
  worker.on('error', end);
  worker.on('exit', end);
  return {
    next: () =>
      new Promise((resolve) => {
        if (arrived.length > 0) resolve(arrived.shift());
        else if (ended) resolve(null);
        else waiting = resolve;
      }),
    stop: () => void worker.terminate(),
  };
}
