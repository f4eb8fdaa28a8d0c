import { afterAll, describe, expect, test } from 'vitest';
import {
  Bench,
  childrenOf,
  freePort,
  has,
  mitigate,
  refusals,
  type Service,
  says,
  startOf,
  until,
} from './mitigate-services.ts';

const QUICK = ['--every', '1ms', '--without-evidence', 'test'];
const bench = new Bench();
afterAll(() => bench.end());

// `disconnect()`, for `server.close(() => process.exit())` loses connections that the primary handed over and the worker did not take yet.
const SERVICE = `
const cluster = require('node:cluster');
const { createServer } = require('node:http');
if (cluster.isPrimary) {
  for (let at = 0; at < 2; at++) cluster.fork();
  if (process.env.FORKS) cluster.on('exit', () => cluster.fork());
  setInterval(() => undefined, 1e6);
} else {
  const kept = [];
  const server = createServer((request, response) => {
    kept.push(Buffer.alloc(request.url === '/grow' ? 30e6 : 1000, 'x'));
    response.end(String(process.pid));
  }).listen(Number(process.env.PORT), '127.0.0.1');
  if (process.env.LISTENS) process.on('SIGTERM', () => cluster.worker.disconnect());
}`;

async function cluster(env: NodeJS.ProcessEnv): Promise<Service> {
  const script = bench.file('server.js', SERVICE);
  const inspector = await freePort();
  return bench.serve(process.execPath, () => [`--inspect-port=127.0.0.1:${inspector}`, script], {
    workers: 2,
    env,
  });
}

describe.runIf(process.platform === 'linux')('mitigate with a real Node.js cluster', () => {
  test('refuses a worker that does not listen to SIGTERM, which only the worker itself knows', async () => {
    const { pid } = await cluster({ FORKS: '1' });
    const [worker] = childrenOf(pid);
    const plan = await mitigate(String(worker), 'restart', ...QUICK);
    // A dry run asks nothing of anybody: what must be asked is put off.
    expect(plan.gates.filter(({ state }) => state === 'later').map(({ name }) => name)).toEqual([
      'supervisor',
      'graceful',
    ]);
    const folder = bench.folder();
    const done = await mitigate(String(worker), 'restart', '--case', folder, ...QUICK, '--yes');
    expect(refusals(done)).toEqual(['graceful']);
    expect(says(done, 'graceful')).toContain('does not listen to SIGTERM');
    expect(done).toMatchObject({ state: 'refused', exitCode: 4 });
    expect(childrenOf(pid)).toContain(worker);
    const primary = await mitigate(String(pid), 'restart', ...QUICK, '--yes');
    expect(refusals(primary)).toEqual(['role']);
  });

  test('refuses where the primary would fork no other; and when it is accepted all the same, says that none came', async () => {
    const { pid } = await cluster({ LISTENS: '1' });
    const [worker] = childrenOf(pid);
    const plan = await mitigate(String(worker), 'restart', ...QUICK, '--yes');
    expect(refusals(plan)).toEqual(['supervisor']);
    expect(says(plan, 'supervisor')).toContain('does not listen to the exit of its workers');
    const folder = bench.folder();
    const tried = await mitigate(
      ...[
        String(worker),
        'restart',
        '--case',
        folder,
        '--accept',
        'supervisor=a timer forks',
        '--timeout',
        '2s',
      ],
      ...[...QUICK, '--yes'],
    );
    expect(tried).toMatchObject({ state: 'failed', exitCode: 4 });
    expect(tried.outcomes[0]!.says).toContain('no new worker came');
    const [other] = childrenOf(pid);
    const again = await mitigate(String(other), 'restart', '--case', folder, ...QUICK, '--yes');
    expect(refusals(again)).toEqual(expect.arrayContaining(['single-worker', 'circuit']));
  });

  test('recycles the worker that has most memory, where both listen', async () => {
    const service = await cluster({ LISTENS: '1', FORKS: '1' });
    const grown = Number(
      await (await fetch(`${service.url}grow`, { headers: { connection: 'close' } })).text(),
    );
    const running = bench.load(service.url, 3);
    const done = await mitigate(
      ...[String(service.pid), 'restart', '--worst', '--ready', service.url, '--case', bench.folder()],
      ...[...QUICK, '--yes'],
    );
    const { bad, good } = await running.stop();
    expect(done).toMatchObject({ state: 'done', outcomes: [{ oldPids: [grown] }] });
    expect(good).toBeGreaterThan(10);
    expect(bad).toEqual([]);
    expect(childrenOf(service.pid)).not.toContain(grown);
  });

  test('a collection frees what is garbage, and says that the rest is held', async () => {
    const inspector = await freePort();
    const garbage = `
      globalThis.held = Array.from({ length: 200_000 }, (_, at) => ({ at }));
      (() => { const gone = Array.from({ length: 400_000 }, (_, at) => ({ at, text: 'x' + at })); globalThis.size = gone.length; })();
      console.log('up'); setInterval(() => undefined, 1e6);`;
    const { child, said } = bench.start(process.execPath, [
      `--inspect-port=127.0.0.1:${inspector}`,
      '-e',
      garbage,
    ]);
    await until(() => said().includes('up'), said);
    const target = String(child.pid);
    const plan = await mitigate(target, 'gc');
    expect(plan).toMatchObject({
      state: 'planned',
      next: `stanch mitigate ${target} gc --started ${startOf(child.pid!)} --yes`,
    });
    const done = await mitigate(target, 'gc', '--case', bench.folder(), '--yes');
    expect(done.state).toBe('done');
    const [{ memoryBeforeBytes, memoryAfterBytes, says: what }] = done.outcomes as [
      (typeof done.outcomes)[0],
    ];
    expect(memoryAfterBytes).toBeLessThan(memoryBeforeBytes! - 5e6);
    expect(memoryAfterBytes).toBeGreaterThan(5e6);
    expect(what).toContain('a collection does not give it back');
    expect(child.exitCode).toBeNull();
  });

  test('one process without a master is refused a restart', async () => {
    const { child, said } = bench.start(process.execPath, [
      '-e',
      `process.on('SIGTERM', () => 0); console.log('up'); setInterval(() => 0, 1e6)`,
    ]);
    await until(() => said().includes('up'), said);
    const plan = await mitigate(
      String(child.pid),
      'restart',
      ...QUICK,
      '--accept',
      'supervisor=I will start it',
      '--yes',
    );
    expect(refusals(plan)).toEqual(['supervisor']);
    expect(child.exitCode).toBeNull();
  });

  test.runIf(has('unshare', '--pid', '--fork', 'true'))(
    'pid 1 of a container is refused: its end is that of the container',
    async () => {
      const service = `console.log('up'); setInterval(() => 0, 1e6)`;
      const { child, said } = bench.start('unshare', ['--pid', '--fork', process.execPath, '-e', service]);
      await until(() => said().includes('up'), said);
      const [inside] = childrenOf(child.pid!);
      const plan = await mitigate(String(inside), 'restart', ...QUICK, '--yes');
      expect(refusals(plan)).toEqual(['supervisor']);
      expect(says(plan, 'supervisor')).toMatch(/is pid 1 of its container.*rolling-restart/);
      expect(childrenOf(child.pid!)).toEqual([inside]);
    },
  );
});
