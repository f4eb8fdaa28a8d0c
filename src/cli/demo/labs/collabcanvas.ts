import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OnProgress } from '../../base/progress.ts';
import { CaptureError } from '../../capture/capture-error.ts';
import { CaptureSession } from '../../capture/heap-snapshot.ts';
import { inspectorUrlIn } from '../../capture/inspector-url.ts';
import type { Lab, RunningBuild } from './lab.ts';

export type Build = 'leaking' | 'fixed';

export interface MeasureOptions {
  readonly lab: Lab;
  readonly build: Build;
  /** Where the snapshots go. */
  readonly folder: string;
  readonly clients: number;
  /** Joins in each round. */
  readonly joinsPerRound: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
  readonly onProgress: OnProgress;
}

export interface Measured {
  readonly build: Build;
  /** Three snapshots, oldest first. */
  readonly files: readonly string[];
  /** Joins between the first and the last snapshot, as the driver counted them. */
  readonly joins: number;
}

const MOMENTS = ['A', 'B', 'C'];
const INSPECTOR_WAIT_MS = 5000;
const POLL_EVERY_MS = 20;

/**
 * Starts a build as a process of its own, drives it and takes three snapshots through its inspector, each after a
 * round. The first round comes before the first snapshot, so that what a service does only once (compiling,
 * filling caches) has been done. The connections stay open all the time.
 */
export async function measureBuild(options: MeasureOptions): Promise<Measured> {
  const { lab, build, folder, clients, joinsPerRound: ops, signal, say } = options;
  say(`starting the ${build} build`);
  const server = await lab.startBuild(build, { nodeArgs: ['--inspect=127.0.0.1:0'] });
  const stop = (): void => void server.stop();
  signal.addEventListener('abort', stop, { once: true });
  let capture: CaptureSession | null = null;
  try {
    signal.throwIfAborted();
    // One connection for all snapshots: the ids of objects mean nothing beyond it.
    capture = await CaptureSession.connect(await inspectorOf(server, signal), { signal });
    const counts: number[] = [];
    const files: string[] = [];
    say(`${build} build: ${clients} users join ${ops} boards, to warm up`);
    const { session, joins } = await lab.drive({ url: server.url, clients, ops, keepOpen: true });
    counts.push(joins);
    for (const [at, moment] of MOMENTS.entries()) {
      if (at > 0) {
        say(`${build} build: ${clients} users join ${ops} boards, round ${at} of ${MOMENTS.length - 1}`);
        counts.push((await session.drive({ ops })).joins);
      }
      say(`${build} build: heap snapshot ${moment}`);
      const file = join(folder, `${build}-${moment}.heapsnapshot`);
      await capture.heapSnapshot({ file, signal, onProgress: options.onProgress });
      files.push(file);
    }
    await session.close();
    return { build, files, joins: counts.at(-1)! - counts[0]! };
  } finally {
    signal.removeEventListener('abort', stop);
    await capture?.close();
    await server.stop();
  }
}

async function inspectorOf(server: RunningBuild, signal: AbortSignal): Promise<string> {
  for (let waited = 0; waited < INSPECTOR_WAIT_MS; waited += POLL_EVERY_MS) {
    const url = inspectorUrlIn(server.standardError());
    if (url !== null) return url;
    await sleep(POLL_EVERY_MS, undefined, { signal });
  }
  throw new CaptureError(`process ${server.pid}`, 'find', 'it does not say where its inspector listens');
}
