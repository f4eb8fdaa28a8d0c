import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaptureError } from '../../../capture/capture-error.ts';
import { captureRubyDump, rubyAgentStatus } from '../../../capture/ruby-agent.ts';
import {
  checkRuntime,
  type DemoLab,
  labModule,
  type Measured,
  type MeasureOptions,
  residentFacts,
  takeThree,
  whileRunning,
} from '../lab.ts';
import { packageRoot } from '../package-root.ts';

interface Counts {
  readonly requests: number;
  readonly searches: number;
  readonly byWorker: { readonly [pid: string]: { readonly requests: number } };
}

interface Driver {
  drive(options: {
    url: string;
    ops: number;
    keepOpen: true;
  }): Promise<
    Counts & { session: { drive(round: { ops: number }): Promise<Counts>; close(): Promise<void> } }
  >;
}

interface Starter {
  startBuild(
    build: string,
    options: { agent: string; env: Readonly<Record<string, string>> },
  ): Promise<{
    url: string;
    pid: number;
    workers(): number[];
    standardError(): string;
    stop(): Promise<void>;
  }>;
}

const AGENT_WAIT_MS = 15_000;
const POLL_EVERY_MS = 100;

/** The Rails service: tasks, notifications and searches on two Puma workers. */
export const taskforge: DemoLab = {
  name: 'taskforge',
  operation: 'request',
  opsInRound: 400,
  check: (folder) => checkRuntime(folder, 'taskforge'),
  measure,
  facts: (_measured, diagnosis) => residentFacts(diagnosis),
};

/**
 * Starts a build with the Ruby agent in it, drives it, finds the worker that has served most, and takes three dumps of that worker,
 * each after a round. The first round comes before the first dump: code is loaded, caches with a limit are full.
 */
async function measure(options: MeasureOptions): Promise<Measured> {
  const { lab, build, folder, ops, signal, say } = options;
  const [{ startBuild }, { drive }] = await Promise.all([
    labModule<Starter>(lab, 'start-build.js'),
    labModule<Driver>(lab, 'driver.js'),
  ]);
  say(`starting the ${build} build: a Puma master and its workers`);
  const agentFolder = join(folder, `${build}-agent`);
  await mkdir(agentFolder, { mode: 0o700 });
  const service = await startBuild(build, {
    agent: join(packageRoot(), 'agents', 'ruby', 'lib', 'stanch_agent.rb'),
    env: { STANCH_DIR: agentFolder, STANCH_COOL_DOWN: '0', STANCH_KEEP: '0' },
  });
  return whileRunning(service, signal, async (server) => {
    say(`${build} build: ${ops} requests, to warm up`);
    const { session, ...first } = await drive({ url: server.url, ops, keepOpen: true });
    const worker = busiest(first);
    await agentReady(worker, agentFolder, signal);
    const taken = await takeThree(servedBy(first, worker), {
      async drive(round) {
        say(`${build} build: ${ops} requests, ${round}`);
        return servedBy(await session.drive({ ops }), worker);
      },
      async take(moment) {
        say(`${build} build: heap dump ${moment} of worker ${worker}`);
        const dump = await captureRubyDump({ pid: worker, folder: agentFolder, signal });
        const file = join(folder, `${build}-${moment}.json`);
        await rename(dump, file);
        await rename(dump.replace(/\.json$/, '.names.jsonl'), file.replace(/\.json$/, '.names.jsonl'));
        return file;
      },
    });
    await session.close();
    return {
      ...taken,
      did: `worker ${worker}, the busiest of ${server.workers().length} under master ${server.pid}, serves ${taken.operations.toLocaleString('en-US')} requests; dumps before, half-way and after`,
    };
  });
}

function busiest({ byWorker }: Counts): number {
  const [pid] = Object.entries(byWorker).toSorted(([, a], [, b]) => b.requests - a.requests)[0]!;
  return Number(pid);
}

function servedBy({ byWorker }: Counts, pid: number): number {
  return byWorker[String(pid)]?.requests ?? 0;
}

async function agentReady(pid: number, folder: string, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < AGENT_WAIT_MS; waited += POLL_EVERY_MS) {
    if (await rubyAgentStatus(pid, folder)) return;
    await sleep(POLL_EVERY_MS, undefined, { signal });
  }
  throw new CaptureError(`process ${pid}`, 'find', 'its Stanch agent did not come up');
}
