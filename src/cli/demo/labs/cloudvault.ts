import { join } from 'node:path';
import { UsageError } from '../../../base/errors.ts';
import { type DemoLab, labModule, type Measured, type MeasureOptions, whileRunning } from '../lab.ts';

interface Counts {
  readonly uploads?: number;
}

interface Driver {
  drive(options: { url: string; debugUrl: string; minutes: number; keepOpen: true }): Promise<
    Counts & {
      session: {
        drive(round: { minutes: number }): Promise<Counts>;
        quiesce(): Promise<Counts>;
        close(): Promise<void>;
      };
    }
  >;
}

interface Starter {
  startBuild(build: string): Promise<{ url: string; debugUrl: string; pid: number; stop(): Promise<void> }>;
  captureAll(debugUrl: string, folder: string, label: string): Promise<string[]>;
  missingRuntime(): { message: string; hint: string } | null;
}

const EVIDENCE = ['goroutine-debug2.txt', 'heap.pb.gz', 'heap-debug1.txt'];

/** The Go service: uploads, syncs and rate limits; what runs away are goroutines. */
export const cloudvault: DemoLab = {
  name: 'cloudvault',
  operation: 'minute',
  opsInRound: 10,
  async check(folder) {
    const { missingRuntime } = await labModule<Starter>(folder, 'start-build.js');
    const missing = missingRuntime();
    if (missing) throw new UsageError(`the cloudvault service cannot run: ${missing.message}`, missing.hint);
  },
  measure,
  facts(_measured, { findings }) {
    const goroutines = findings.reduce((sum, { growth }) => sum + growth.objects, 0);
    return {
      shown: [{ name: 'goroutines left', value: goroutines.toLocaleString('en-US'), note: 'by all causes' }],
      json: { goroutines },
    };
  },
};

/** Three captures: after the warm-up, after as much load again, and when all clients have left. */
async function measure(options: MeasureOptions): Promise<Measured> {
  const { lab, build, folder, ops: minutes, signal, say } = options;
  const [{ startBuild, captureAll }, { drive }] = await Promise.all([
    labModule<Starter>(lab, 'start-build.js'),
    labModule<Driver>(lab, 'driver.js'),
  ]);
  say(`compiling and starting the ${build} build`);
  const service = await startBuild(build);
  return whileRunning(service, signal, async (server) => {
    const target = join(folder, build);
    const files: string[] = [];
    const capture = async (moment: string): Promise<void> => {
      say(`${build} build: capture ${moment}: goroutines and heap`);
      const all = await captureAll(server.debugUrl, target, moment);
      files.push(...all.filter((file) => EVIDENCE.some((name) => file.endsWith(name))));
    };
    say(`${build} build: ${minutes / 2} minutes of the incident, to warm up`);
    const { session } = await drive({
      url: server.url,
      debugUrl: server.debugUrl,
      minutes: minutes / 2,
      keepOpen: true,
    });
    await capture('A');
    say(`${build} build: ${minutes} minutes more`);
    await session.drive({ minutes });
    await capture('B');
    say(`${build} build: ${minutes} minutes more, then all clients leave`);
    await session.drive({ minutes });
    await session.quiesce();
    signal.throwIfAborted();
    await capture('C');
    await session.close();
    return {
      files,
      operations: 2 * minutes,
      did: `${2 * minutes} minutes of the incident, driven fast; captures before, half-way, and after all clients have left`,
    };
  });
}
