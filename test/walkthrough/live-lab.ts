import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Build = 'leaking' | 'fixed';

/** A build that runs as in production, with load on it until it is stopped. */
export interface LiveService {
  /** What the commands of the walkthrough call `$URL`, `$PID` and so on. */
  readonly names: Readonly<Record<string, string>>;
  /** Environment of the commands: the token of an agent. */
  readonly env: Readonly<Record<string, string>>;
  readonly operations: () => number;
  readonly failed: () => number;
  /** Runs until so many more operations were served. */
  served(operations: number): Promise<void>;
  stop(): Promise<void>;
}

export interface LiveLab {
  readonly name: string;
  /** What is missing on this machine; null when it can run. */
  missing(): Promise<string | null>;
  start(build: Build): Promise<LiveService>;
}

const LABS = new URL('../../labs/', import.meta.url);
const AGENTS = new URL('../../agents/', import.meta.url);

const moduleOf = async <Exports>(path: string): Promise<Exports> =>
  (await import(new URL(path, LABS).href)) as Exports;
const agentFile = (path: string): string => decodeURIComponent(new URL(path, AGENTS).pathname);

interface Running {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Puts round after round of load on a service. A round that fails is counted: the service may just be restarting. */
function keepDriving(round: (at: number) => Promise<number>): {
  operations(): number;
  failed(): number;
  served(operations: number): Promise<void>;
  stop(): Promise<void>;
} {
  let operations = 0;
  let failed = 0;
  let stopped = false;
  const waiting = new Set<() => void>();
  const running = (async () => {
    for (let at = 1; !stopped; at++) {
      try {
        operations += await round(at);
      } catch {
        failed++;
        await pause(200);
      }
      for (const check of waiting) check();
    }
  })();
  return {
    operations: () => operations,
    failed: () => failed,
    served(more) {
      const until = operations + more;
      return new Promise((resolve) => {
        const check = (): void => {
          if (operations < until && !stopped) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      });
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const noneMissing = (): Promise<null> => Promise.resolve(null);

async function missingIn(file: string): Promise<string | null> {
  const { missingRuntime } = await moduleOf<{ missingRuntime(): { message: string } | null }>(file);
  return missingRuntime()?.message ?? null;
}

/** Users of a collaboration server join boards over connections that stay. Node.js, without any preparation. */
const collabcanvas: LiveLab = {
  name: 'collabcanvas',
  missing: noneMissing,
  async start(build) {
    const { startBuild } = await moduleOf<{
      startBuild(build: Build, options: object): Promise<Running>;
    }>('collabcanvas/start-build.js');
    const { drive } = await moduleOf<{
      drive(options: object): Promise<{
        session: {
          drive(round: object): Promise<{ joins: number }>;
          close(): Promise<void>;
        };
      }>;
    }>('collabcanvas/driver.js');
    // Several services of these tests run at once, and each wants a port for its inspector.
    const nodeArgs = [`--inspect-port=127.0.0.1:${await freePort()}`];
    const service = await startBuild(build, { nodeArgs });
    const { session } = await drive({ url: service.url, clients: 20, ops: 40, keepOpen: true });
    let joined = 40;
    const load = keepDriving(async () => {
      const { joins } = await session.drive({ ops: 100, opsPerSecond: 200 });
      const more = joins - joined;
      joined = joins;
      return more;
    });
    return running(load, service, { PID: String(service.pid) }, {}, () => session.close());
  },
};

/** Uploads, syncs, rate limits. Go, by its pprof handler. */
const cloudvault: LiveLab = {
  name: 'cloudvault',
  missing: () => missingIn('cloudvault/start-build.js'),
  async start(build) {
    const { startBuild } = await moduleOf<{
      startBuild(build: Build): Promise<Running & { debugUrl: string }>;
    }>('cloudvault/start-build.js');
    const { drive } = await moduleOf<{
      drive(options: object): Promise<{
        session: { drive(round: object): Promise<unknown>; close(): Promise<void> };
      }>;
    }>('cloudvault/driver.js');
    const service = await startBuild(build);
    const { url, debugUrl, pid } = service;
    const { session } = await drive({ url, debugUrl, minutes: 1, keepOpen: true });
    const load = keepDriving(async () => {
      const begun = performance.now();
      await session.drive({ minutes: 1 });
      // A minute of the incident each two seconds.
      await pause(Math.max(0, 2000 - (performance.now() - begun)));
      return 1;
    });
    return running(load, service, { PID: String(pid), PPROF: debugUrl }, {}, () => session.close());
  },
};

/** Tasks, notifications and searches on two Puma workers. Ruby, with the agent. */
const taskforge: LiveLab = {
  name: 'taskforge',
  missing: () => missingIn('taskforge/missing-runtime.js'),
  async start(build) {
    const { startBuild } = await moduleOf<{
      startBuild(build: Build, options: object): Promise<Running & { workers(): number[] }>;
    }>('taskforge/start-build.js');
    const { drive } = await moduleOf<{
      drive(options: object): Promise<{ requests: number }>;
    }>('taskforge/driver.js');
    const folder = await mkdtemp(join(tmpdir(), 'stanch-agent-'));
    const service = await startBuild(build, {
      agent: agentFile('ruby/lib/stanch_agent.rb'),
      env: { STANCH_DIR: folder, STANCH_COOL_DOWN: '0' },
    });
    // New connections in each round, so that requests reach a worker that was restarted. Faster, and all of the 50,000 users would
    // have been told something before the walk ends: what is cached for each of them would stop to grow.
    const load = keepDriving(async (seed) => {
      const { requests } = await drive({ url: service.url, ops: 40, opsPerSecond: 40, seed });
      return requests;
    });
    const names = { MASTER: String(service.pid), URL: service.url, AGENT_DIR: folder };
    return running(load, service, names, { STANCH_DIR: folder }, () =>
      rm(folder, { recursive: true, force: true }),
    );
  },
};

/** Content, sessions, background tasks. Python, with the agent. */
const lafactoria: LiveLab = {
  name: 'lafactoria',
  missing: () => missingIn('lafactoria/missing-runtime.js'),
  async start(build) {
    const { startBuild } = await moduleOf<{
      startBuild(build: Build, options: object): Promise<Running>;
    }>('lafactoria/start-build.js');
    const { drive } = await moduleOf<{
      drive(options: object): Promise<{
        session: { drive(round: object): Promise<{ visits: number }>; close(): Promise<void> };
      }>;
    }>('lafactoria/driver.js');
    const token = randomBytes(16).toString('hex');
    const service = await startBuild(build, { agent: agentFile('python/stanch_agent.py'), token });
    const { session, ...first } = (await drive({ url: service.url, ops: 40, keepOpen: true })) as {
      session: { drive(round: object): Promise<{ visits: number }>; close(): Promise<void> };
      visits: number;
    };
    let visited = first.visits;
    const load = keepDriving(async () => {
      const { visits } = await session.drive({ ops: 40, opsPerSecond: 40 });
      const more = visits - visited;
      visited = visits;
      return more;
    });
    const names = { PID: String(service.pid), URL: service.url };
    return running(load, service, names, { STANCH_TOKEN: token }, () => session.close());
  },
};

function running(
  load: ReturnType<typeof keepDriving>,
  service: Running,
  names: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  close: () => Promise<void>,
): LiveService {
  return {
    names,
    env,
    operations: load.operations,
    failed: load.failed,
    served: load.served,
    async stop() {
      await load.stop();
      await close().catch(() => undefined);
      await service.stop();
    },
  };
}

export const LIVE_LABS: readonly LiveLab[] = [taskforge, cloudvault, collabcanvas, lafactoria];
