import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../../base/errors.ts';
import { CaptureError } from '../../../capture/capture-error.ts';
import { CaptureSession } from '../../../capture/heap-snapshot.ts';
import { inspectorUrlIn } from '../../../capture/inspector-url.ts';
import {
  type DemoLab,
  labModule,
  type Measured,
  type MeasureOptions,
  takeThree,
  whileRunning,
} from '../lab.ts';
import { packageRoot } from '../package-root.ts';

/** What the driver has done so far; all rounds together. */
interface DriverCounts {
  readonly joins: number;
}

interface Driver {
  drive(options: { url: string; clients: number; ops: number; keepOpen: true }): Promise<
    DriverCounts & {
      /** Connections that stay open from round to round. */
      session: { drive(round: { ops: number }): Promise<DriverCounts>; close(): Promise<void> };
    }
  >;
}

interface RunningBuild {
  readonly url: string;
  readonly pid: number;
  standardError(): string;
  stop(): Promise<void>;
}

interface Starter {
  startBuild(build: string, options: { nodeArgs: string[] }): Promise<RunningBuild>;
}

/** Packages that the service and its driver need; Stanch itself carries its own inside. */
const PACKAGES = ['ws', 'prom-client'];
const CLIENTS = 20;
const INSPECTOR_WAIT_MS = 5000;
const POLL_EVERY_MS = 20;

/** The Node.js service: users of a collaboration server join boards. */
export const collabcanvas: DemoLab = {
  name: 'collabcanvas',
  operation: 'join',
  opsInRound: 400,
  async check(folder) {
    const { resolve } = createRequire(join(folder, 'driver.js'));
    const missing = PACKAGES.filter((needed) => {
      try {
        resolve(needed);
        return false;
      } catch {
        return true;
      }
    });
    if (missing.length === 0) return;
    throw new UsageError(
      `the collabcanvas service needs ${missing.join(' and ')}`,
      `run \`npm install\` in ${packageRoot()}`,
    );
  },
  measure,
  facts({ operations: joins }, { findings }) {
    const listeners = findings
      .filter(({ pattern }) => pattern === 'listener-leak')
      .reduce((sum, { growth }) => sum + growth.objects, 0);
    const perJoin = listeners / joins;
    return {
      shown: [
        {
          name: 'listeners per join',
          value: perJoin.toFixed(2),
          note: `over ${joins.toLocaleString('en-US')} joins`,
        },
      ],
      json: { joins, listenersPerJoin: perJoin },
    };
  },
};

/**
 * Starts a build as a process of its own, drives it and takes three snapshots through its inspector, each after a
 * round. The first round comes before the first snapshot, so that what a service does only once (compiling,
 * filling caches) has been done. The connections stay open all the time.
 */
async function measure(options: MeasureOptions): Promise<Measured> {
  const { lab, build, folder, ops, signal, say } = options;
  const [{ startBuild }, { drive }] = await Promise.all([
    labModule<Starter>(lab, 'start-build.js'),
    labModule<Driver>(lab, 'driver.js'),
  ]);
  say(`starting the ${build} build`);
  const service = await startBuild(build, { nodeArgs: ['--inspect=127.0.0.1:0'] });
  return whileRunning(service, signal, async (server) => {
    // One connection for all snapshots: the ids of objects mean nothing beyond it.
    const capture = await CaptureSession.connect(await inspectorOf(server, signal), { signal });
    try {
      say(`${build} build: ${CLIENTS} users join ${ops} boards, to warm up`);
      const { session, joins } = await drive({ url: server.url, clients: CLIENTS, ops, keepOpen: true });
      const taken = await takeThree(joins, {
        async drive(round) {
          say(`${build} build: ${CLIENTS} users join ${ops} boards, ${round}`);
          return (await session.drive({ ops })).joins;
        },
        async take(moment) {
          say(`${build} build: heap snapshot ${moment}`);
          const file = join(folder, `${build}-${moment}.heapsnapshot`);
          await capture.heapSnapshot({ file, signal, onProgress: options.onProgress });
          return file;
        },
      });
      await session.close();
      const joined = taken.operations.toLocaleString('en-US');
      const did = `${CLIENTS} connected users join ${joined} boards; snapshots before, half-way and after`;
      return { ...taken, did };
    } finally {
      await capture.close();
    }
  });
}

async function inspectorOf(server: RunningBuild, signal: AbortSignal): Promise<string> {
  for (let waited = 0; waited < INSPECTOR_WAIT_MS; waited += POLL_EVERY_MS) {
    const url = inspectorUrlIn(server.standardError());
    if (url !== null) return url;
    await sleep(POLL_EVERY_MS, undefined, { signal });
  }
  throw new CaptureError(`process ${server.pid}`, 'find', 'it does not say where its inspector listens');
}
