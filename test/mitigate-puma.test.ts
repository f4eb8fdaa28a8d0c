import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MitigateDocument } from '../src/cli/mitigate/document.ts';
import {
  actsOf,
  Bench,
  childrenOf,
  has,
  mitigate,
  RUBY_DUMP,
  refusals,
  type Service,
  says,
  startOf,
  until,
} from './mitigate-services.ts';

const there = process.platform === 'linux' && has('puma', '-V');
if (!there)
  process.stderr.write('mitigate with Puma not tested: apt-get install --no-install-recommends puma\n');

/** Each worker keeps 20 kB of each request; `/slower` takes a while, `/grow` much. */
const RACKUP = `
KEPT = []
run lambda { |env|
  File.open(ENV['SEEN'], 'a') { |file| file.write('x') } if env['PATH_INFO'] == '/load'
  KEPT << 'x' * (env['PATH_INFO'] == '/grow' ? 30_000_000 : 20_000)
  if env['PATH_INFO'] == '/slower'
    File.write(ENV['SEEN'] + '.busy', Process.pid.to_s)
    sleep 15
  end
  sleep 300 if env['PATH_INFO'] == '/hang'
  [200, { 'content-type' => 'text/plain' }, [Process.pid.to_s]]
}`;
/** The worker that has begun a `/slower`. */
async function busyWorker({ seen }: Puma): Promise<number> {
  const file = `${seen}.busy`;
  await until(async () => existsSync(file) && readFileSync(file, 'utf8') !== '');
  return Number(readFileSync(file, 'utf8'));
}

/**
 * When it ends, Puma closes connections that it has accepted and not yet read a byte from (5.6): a client that is late may meet that. So each
 * client may lose one connection a restart, in no other way, and no request is lost that the service had begun: it can be sent again.
 */
function expectNoneBegunIsLost(
  { good, bad }: { good: number; bad: readonly string[] },
  seen: string,
  most: number,
): void {
  expect(bad.filter((each) => each !== 'ECONNRESET')).toEqual([]);
  expect(bad.length).toBeLessThanOrEqual(most);
  expect(good).toBeGreaterThan(20);
  expect(statSync(seen).size).toBe(good);
}
const QUICK = ['--every', '1ms'];
const bench = new Bench();
afterAll(() => bench.end());

interface Puma extends Service {
  readonly workers: () => number[];
  /** A byte for each request to `/load` that was begun. */
  readonly seen: string;
}

async function puma(workers: number = 2): Promise<Puma> {
  const seen = bench.file('seen', '');
  const rackup = bench.file('config.ru', RACKUP);
  const service = await bench.serve(
    'puma',
    (port) => ['-w', String(workers), '-t', '2:2', '-b', `tcp://127.0.0.1:${port}`, rackup],
    { workers, env: { SEEN: seen } },
  );
  const own = (): number[] => childrenOf(service.pid);
  await until(async () =>
    refusals(await mitigate(String(service.pid), 'rolling-restart', ...QUICK)).every(
      (name) => name !== 'one-at-a-time',
    ),
  );
  return { ...service, workers: own, seen };
}

describe.runIf(there)('mitigate refuses, with a real Puma', () => {
  let service: Awaited<ReturnType<typeof puma>>;
  let held: string;
  beforeAll(async () => {
    service = await puma();
    held = await bench.caseWith('A.ruby-heap.json', RUBY_DUMP);
  });

  test('a restart before anything was captured, until a reason for that is given', async () => {
    const [worker] = service.workers();
    const plain = await mitigate(String(worker), 'restart', ...QUICK);
    expect(refusals(plain)).toEqual(['evidence']);
    expect(says(plain, 'evidence')).toContain(`stanch capture ${worker} -o`);
    expect(plain).toMatchObject({ state: 'refused', exitCode: 4, next: null });
    const empty = bench.folder();
    expect(refusals(await mitigate(String(worker), 'restart', '--case', empty, '--yes', ...QUICK))).toEqual([
      'evidence',
    ]);
    const reasoned = await mitigate(
      String(worker),
      'restart',
      '--without-evidence',
      'three dumps are with the vendor',
      ...QUICK,
    );
    expect(reasoned).toMatchObject({ state: 'planned', exitCode: 0 });
    expect(says(reasoned, 'evidence')).toContain('three dumps are with the vendor');
    expect(service.workers()).toContain(worker);
  });

  test('evidence of another runtime, of another process, or older than this life of the service', async () => {
    const [worker] = service.workers();
    const goroutines = 'goroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\n';
    const ofGo = await bench.caseWith('goroutine-debug2.txt', goroutines);
    expect(says(await mitigate(String(worker), 'restart', '--case', ofGo, ...QUICK), 'evidence')).toContain(
      'another runtime',
    );
  });

  test('the master for a restart, and names the worker that has most memory', async () => {
    const plan = await mitigate(String(service.pid), 'restart', '--case', held, ...QUICK, '--yes');
    expect(refusals(plan)).toEqual(['role']);
    expect(says(plan, 'role')).toMatch(/puma master.*whole service.*--worst/);
    expect(service.workers()).toContain(Number(/\((\d+) now\)/.exec(says(plan, 'role'))?.[1]));
  });

  test.each(['USR2', 'SIGUSR1', 'TERM', 'HUP', 'TTOU', 'WINCH'])(
    '%s to the master, which would do more than is meant',
    async (signal) => {
      const before = service.workers();
      const plan = await mitigate(
        String(service.pid),
        'rolling-restart',
        '--signal',
        signal,
        '--case',
        held,
        '--yes',
        ...QUICK,
      );
      expect(refusals(plan)).toEqual(['whole-service']);
      expect(service.workers()).toEqual(before);
    },
  );

  test('a process that is not the one that was meant', async () => {
    const [worker] = service.workers();
    const wrong = await mitigate(
      String(worker),
      'restart',
      '--case',
      held,
      '--started',
      String(startOf(worker!) - 1),
      '--yes',
      ...QUICK,
    );
    expect(refusals(wrong)).toEqual(['identity']);
    const right = await mitigate(
      String(worker),
      'restart',
      '--case',
      held,
      '--started',
      String(startOf(worker!)),
      ...QUICK,
    );
    expect(right.state).toBe('planned');
    expect(right.next).toContain(`--started ${startOf(worker!)} --yes`);
  });

  test('a service that is not ready as it is', async () => {
    const [worker] = service.workers();
    const plan = await mitigate(
      String(worker),
      'restart',
      '--case',
      held,
      '--ready',
      'http://127.0.0.1:9/',
      '--yes',
      ...QUICK,
    );
    expect(refusals(plan)).toEqual(['ready']);
  });

  test('a second worker while the first has only just come back', async () => {
    const [worker] = service.workers();
    const plan = await mitigate(String(worker), 'restart', '--case', held, '--every', '1h', '--yes');
    expect(refusals(plan)).toEqual(['one-at-a-time']);
    expect(says(plan, 'one-at-a-time')).toMatch(/is only \d+ s old/);
  });

  test('the only worker, until somebody says why that may be', async () => {
    const alone = await puma(1);
    const plan = await mitigate(String(alone.workers()[0]), 'restart', '--case', held, ...QUICK);
    expect(refusals(plan)).toContain('single-worker');
    const accepted = await mitigate(
      String(alone.workers()[0]),
      'restart',
      '--case',
      held,
      '--accept',
      'single-worker=nobody at night',
      ...QUICK,
    );
    expect(refusals(accepted)).not.toContain('single-worker');
  });

  test('what cannot be accepted stays refused', async () => {
    const plan = await mitigate(
      String(service.pid),
      'restart',
      '--case',
      held,
      '--accept',
      'role=I know',
      ...QUICK,
    );
    expect(refusals(plan)).toEqual(['role']);
  });

  test('a collection in Ruby, which nothing safe could ask for', async () => {
    const plan = await mitigate(String(service.workers()[0]), 'gc', '--yes');
    expect(refusals(plan)).toEqual(['runtime']);
    expect(refusals(await mitigate(String(service.pid), 'gc'))).toEqual(['role', 'runtime']);
  });
});

describe.runIf(there)('mitigate acts, with a real Puma', () => {
  let program: string;
  beforeAll(async () => {
    program = join(bench.folder(), 'stanch.mjs');
    await build({
      input: fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)),
      platform: 'node',
      logLevel: 'silent',
      output: { file: program, codeSplitting: false },
    });
  });

  test.runIf(process.getuid?.() === 0)('a service of another user is refused', async () => {
    const service = await puma();
    for (const folder of [bench.root, dirname(program)]) chmodSync(folder, 0o755);
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        program,
        'mitigate',
        String(service.workers()[0]),
        'restart',
        '--without-evidence',
        'test',
        '--json',
        ...QUICK,
      ],
      { uid: 65_534, gid: 65_534, cwd: '/', encoding: 'utf8' },
    );
    expect(status).toBe(4);
    const plan = JSON.parse(stdout) as MitigateDocument;
    expect(refusals(plan)).toEqual(['permission']);
  });

  test('stopped by Ctrl-C while it waits, it says on the timeline how far it had come', async () => {
    const service = await puma();
    const held = await bench.caseWith('A.ruby-heap.json', RUBY_DUMP);
    // The worker that is restarted is busy until long after Ctrl-C.
    const slow = fetch(`${service.url}slower`);
    const worker = await busyWorker(service);
    const listeners = process.listenerCount('SIGINT');
    const running = mitigate(String(worker), 'restart', '--case', held, '--yes', ...QUICK);
    const ended = expect(running).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    await until(async () => (await actsOf(held)).length >= 1);
    await sleep(300);
    // Without anybody who listens for it, the signal would end the tests.
    if (process.listenerCount('SIGINT') > listeners) process.emit('SIGINT', 'SIGINT');
    await ended;
    const [, outcome] = await actsOf(held);
    expect(outcome!.facts).toMatchObject({ phase: 'outcome', outcome: 'interrupted' });
    expect(outcome!.text).toContain('was not waited for');
    expect((await slow).ok).toBe(true);
  });

  test('the worst worker is recycled under load and no request that was begun is lost; intent and outcome are on the timeline', async () => {
    const service = await puma();
    const held = await bench.caseWith('A.ruby-heap.json', RUBY_DUMP);
    const grown = Number(
      await (await fetch(`${service.url}grow`, { headers: { connection: 'close' } })).text(),
    );
    const siblings = service.workers().filter((pid) => pid !== grown);
    const running = bench.load(`${service.url}load`, 6);
    const done = await mitigate(
      String(service.pid),
      'restart',
      '--worst',
      '--case',
      held,
      '--ready',
      service.url,
      '--yes',
      ...QUICK,
    );
    expectNoneBegunIsLost(await running.stop(), service.seen, 6);
    expect(done).toMatchObject({ state: 'done', exitCode: 0 });
    const [outcome] = done.outcomes;
    expect(outcome).toMatchObject({ oldPids: [grown], checks: { failed: 0 } });
    expect(outcome!.memoryAfterBytes).toBeLessThan(outcome!.memoryBeforeBytes! - 15e6);
    expect(service.workers()).toEqual([...siblings, ...outcome!.newPids].sort((a, b) => a - b));
    const [intent, after] = await actsOf(held);
    expect(intent!.facts).toMatchObject({ phase: 'intent', act: 'restart' });
    expect(intent!.facts!['processes']).toMatch(new RegExp(`^${grown}:\\d+$`));
    expect(after!.facts).toMatchObject({
      phase: 'outcome',
      outcome: 'done',
      newPids: String(outcome!.newPids[0]),
    });
  });

  test('all workers are taken one after the other', async () => {
    const service = await puma(3);
    const held = await bench.caseWith('A.ruby-heap.json', RUBY_DUMP);
    for (let at = 0; at < 30; at++) await fetch(`${service.url}grow`, { headers: { connection: 'close' } });
    const before = service.workers();
    const running = bench.load(`${service.url}load`, 4);
    const done = await mitigate(
      String(service.pid),
      'rolling-restart',
      '--case',
      held,
      '--ready',
      service.url,
      '--yes',
      ...QUICK,
    );
    expectNoneBegunIsLost(await running.stop(), service.seen, 4 * 3);
    expect(done).toMatchObject({ state: 'done', stopped: null });
    expect(done.outcomes.map(({ oldPids }) => oldPids[0]).sort()).toEqual(before.sort());
    expect(service.workers().filter((pid) => before.includes(pid))).toEqual([]);
    expect(await actsOf(held)).toHaveLength(6);
    const again = await mitigate(
      String(service.pid),
      'rolling-restart',
      '--case',
      held,
      '--every',
      '1ms',
      '--most-per-hour',
      '3',
      '--yes',
    );
    expect(refusals(again)).toEqual(['circuit']);
    expect(says(again, 'circuit')).toContain('3 restarts within the last hour');
  });

  test('memory that does not fall ends a roll at the first worker, and opens the circuit', async () => {
    const service = await puma();
    const held = await bench.caseWith('A.ruby-heap.json', RUBY_DUMP);
    const before = service.workers();
    const done = await mitigate(String(service.pid), 'rolling-restart', '--case', held, '--yes', ...QUICK);
    expect(done).toMatchObject({
      state: 'no-relief',
      exitCode: 4,
      stopped: expect.stringContaining('1 more was left'),
    });
    expect(service.workers().filter((pid) => before.includes(pid))).toHaveLength(1);
    const again = await mitigate(
      String(service.pid),
      'restart',
      '--worst',
      '--case',
      held,
      '--yes',
      ...QUICK,
    );
    expect(refusals(again)).toEqual(['circuit']);
    const closed = await mitigate(
      String(service.pid),
      'restart',
      '--worst',
      '--case',
      held,
      '--close-circuit',
      'it had just been started',
      ...QUICK,
    );
    expect(refusals(closed)).toEqual([]);
  });

  test('a worker that does not end in time is left alone; while it ends, a second one is refused', async () => {
    const service = await puma();
    const held = await bench.caseWith('A.ruby-heap.json', RUBY_DUMP);
    const stuck = new AbortController();
    const asked = Promise.all(
      Array.from({ length: 2 }, () =>
        fetch(`${service.url}hang`, { signal: stuck.signal }).catch(() => null),
      ),
    );
    await until(async () => {
      const { workers } = await mitigate(String(service.pid), 'restart');
      return workers.length === 2;
    });
    // Whoever hangs is told to end: both are tried, as it cannot be seen which of them it is.
    const states: string[] = [];
    for (const pid of service.workers()) {
      const done = await mitigate(
        String(pid),
        'restart',
        '--case',
        held,
        '--timeout',
        '3s',
        '--accept',
        'one-at-a-time=test',
        '--close-circuit',
        'test',
        '--yes',
        ...QUICK,
      );
      states.push(done.state);
      if (done.state === 'failed') {
        expect(done.outcomes[0]!.says).toContain('no SIGKILL');
        expect(service.workers()).toContain(pid);
        const other = service.workers().find((each) => each !== pid)!;
        expect(
          refusals(await mitigate(String(other), 'restart', '--case', held, '--yes', ...QUICK)),
        ).toContain('circuit');
        break;
      }
    }
    expect(states).toContain('failed');
    stuck.abort();
    await asked;
  });

  test('killed with -9 in the middle, it leaves the intent; a second worker is refused until the first has ended', async () => {
    const service = await puma();
    const held = await bench.caseWith('A.ruby-heap.json', RUBY_DUMP);
    const slow = fetch(`${service.url}slower`);
    const worker = await busyWorker(service);
    const other = service.workers().find((pid) => pid !== worker);
    const args = [program, 'mitigate', String(worker), 'restart', '--case', held, '--yes', ...QUICK];
    const { child, said } = bench.start(process.execPath, args);
    await until(() => said().includes('SIGTERM sent'), said);
    // Another run sees the lock, whatever case it uses.
    const meanwhile = await mitigate(
      String(other),
      'restart',
      '--without-evidence',
      'test',
      '--yes',
      ...QUICK,
    );
    expect(says(meanwhile, 'one-at-a-time')).toContain(`process ${child.pid} restarts a worker`);
    process.kill(child.pid!, 'SIGKILL');
    await until(() => child.signalCode !== null);
    const [intent, ...rest] = await actsOf(held);
    expect(intent!.facts).toMatchObject({ phase: 'intent' });
    expect(rest).toEqual([]);
    const second = await mitigate(String(other), 'restart', '--case', held, '--yes', ...QUICK);
    expect(refusals(second)).toContain('one-at-a-time');
    expect(says(second, 'one-at-a-time')).toContain(String(worker));
    expect((await slow).ok).toBe(true);
    await until(() => !service.workers().includes(worker) && service.workers().length === 2);
    await until(
      async () =>
        !refusals(await mitigate(String(other), 'restart', '--case', held, ...QUICK)).includes(
          'one-at-a-time',
        ),
    );
    await mitigate(String(other), 'restart', '--case', held, '--yes', ...QUICK);
    const [, settled] = await actsOf(held);
    expect(settled!.facts).toMatchObject({
      mitigation: intent!.facts!['mitigation'],
      phase: 'outcome',
      outcome: 'settled',
    });
  });
});
