import { randomBytes } from 'node:crypto';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../../../base/units.ts';
import { capturePythonDump } from '../../../capture/python-agent.ts';
import { checkRuntime, type DemoLab, labModule, type Measured, type MeasureOptions } from '../lab.ts';
import { packageRoot } from '../package-root.ts';

interface Counts {
  readonly visits: number;
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
    options: { agent: string; token: string },
  ): Promise<{ url: string; pid: number; stop(): Promise<void> }>;
}

const MOMENTS = ['A', 'B', 'C'];

/** The Python service: content, sessions, background tasks. */
export const lafactoria: DemoLab = {
  name: 'lafactoria',
  operation: 'visit',
  opsInRound: 400,
  check: (folder) => checkRuntime(folder, 'lafactoria'),
  measure,
  facts(_measured, { process }) {
    if (!process) return { shown: [], json: {} };
    const [first, last] = [process.rssBytes[0]!, process.rssBytes.at(-1)!];
    return { shown: [{ name: 'resident', value: `${formatBytes(first)} → ${formatBytes(last)}` }], json: {} };
  },
};

/** Three object graphs of the process, each after a round; the first round fills what has a limit. */
async function measure(options: MeasureOptions): Promise<Measured> {
  const { lab, build, folder, ops, signal, say } = options;
  const [{ startBuild }, { drive }] = await Promise.all([
    labModule<Starter>(lab, 'start-build.js'),
    labModule<Driver>(lab, 'driver.js'),
  ]);
  say(`starting the ${build} build`);
  const token = randomBytes(16).toString('hex');
  const agent = join(packageRoot(), 'agents', 'python', 'stanch_agent.py');
  const server = await startBuild(build, { agent, token });
  const stop = (): void => void server.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    say(`${build} build: ${ops} visits, to warm up`);
    const { session, visits } = await drive({ url: server.url, ops, keepOpen: true });
    const counts = [visits];
    const files: string[] = [];
    for (const [at, moment] of MOMENTS.entries()) {
      if (at > 0) {
        say(`${build} build: ${ops} visits, round ${at} of ${MOMENTS.length - 1}`);
        counts.push((await session.drive({ ops })).visits);
      }
      say(`${build} build: object graph ${moment}`);
      const dump = await capturePythonDump({ url: server.url, token, signal });
      const file = join(folder, `${build}-${moment}.pygc`);
      await copyFile(dump.file, file);
      await rm(dump.file);
      files.push(file);
    }
    await session.close();
    const operations = counts.at(-1)! - counts[0]!;
    return {
      files,
      operations,
      did: `${operations.toLocaleString('en-US')} visits; object graphs before, half-way and after`,
    };
  } finally {
    signal.removeEventListener('abort', stop);
    await server.stop();
  }
}
