import { randomBytes } from 'node:crypto';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { capturePythonDump } from '../../../capture/python-agent.ts';
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

/** The Python service: content, sessions, background tasks. */
export const lafactoria: DemoLab = {
  name: 'lafactoria',
  operation: 'visit',
  opsInRound: 400,
  check: (folder) => checkRuntime(folder, 'lafactoria'),
  measure,
  facts: (_measured, diagnosis) => residentFacts(diagnosis),
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
  const service = await startBuild(build, { agent, token });
  return whileRunning(service, signal, async ({ url }) => {
    say(`${build} build: ${ops} visits, to warm up`);
    const { session, visits } = await drive({ url, ops, keepOpen: true });
    const taken = await takeThree(visits, {
      async drive(round) {
        say(`${build} build: ${ops} visits, ${round}`);
        return (await session.drive({ ops })).visits;
      },
      async take(moment) {
        say(`${build} build: object graph ${moment}`);
        const dump = await capturePythonDump({ url, token, signal });
        const file = join(folder, `${build}-${moment}.pygc`);
        await copyFile(dump.file, file);
        await rm(dump.file);
        return file;
      },
    });
    await session.close();
    const visited = taken.operations.toLocaleString('en-US');
    return { ...taken, did: `${visited} visits; object graphs before, half-way and after` };
  });
}
