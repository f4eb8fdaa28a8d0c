import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Bench,
  childrenOf,
  has,
  mitigate,
  refusals,
  type Service,
  says,
  until,
} from './mitigate-services.ts';

const linux = process.platform === 'linux';
const hasGunicorn = linux && has('/usr/bin/gunicorn', '--version');
const hasUvicorn = linux && has('/usr/bin/uvicorn', '--version');
if (!hasGunicorn || !hasUvicorn)
  process.stderr.write('mitigate with gunicorn or Uvicorn not tested: apt-get install gunicorn uvicorn\n');

const QUICK = ['--every', '1ms'];
const WITHOUT = ['--without-evidence', 'test'];
const bench = new Bench();
afterAll(() => bench.end());

const WSGI = `
import os
kept = []
def app(environ, start_response):
    kept.append(bytearray(30_000_000 if environ['PATH_INFO'] == '/grow' else 10_000))
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [str(os.getpid()).encode()]
`;
const ASGI = `
async def app(scope, receive, send):
    if scope['type'] == 'http':
        await send({'type': 'http.response.start', 'status': 200, 'headers': []})
        await send({'type': 'http.response.body', 'body': b'ok'})
`;

async function gunicorn(workers: number): Promise<Service> {
  const folder = bench.file('app.py', WSGI).replace(/app\.py$/, '');
  return bench.serve(
    '/usr/bin/gunicorn',
    (port) => ['-w', String(workers), '-b', `127.0.0.1:${port}`, '--chdir', folder, 'app:app'],
    { workers },
  );
}

describe.runIf(hasGunicorn)('mitigate with a real gunicorn', () => {
  let service: Service;
  beforeAll(async () => {
    service = await gunicorn(2);
  });

  test('refuses the master, signals that do more than reload, and a worker without evidence', async () => {
    const master = await mitigate(String(service.pid), 'restart', ...WITHOUT, ...QUICK, '--yes');
    expect(refusals(master)).toEqual(['role']);
    expect(says(master, 'role')).toContain('gunicorn master');
    for (const signal of ['USR2', 'TERM', 'TTOU', 'WINCH', 'USR1']) {
      const plan = await mitigate(
        String(service.pid),
        'rolling-restart',
        '--signal',
        signal,
        ...WITHOUT,
        ...QUICK,
        '--yes',
      );
      expect(refusals(plan)).toEqual(['whole-service']);
    }
    const [worker] = childrenOf(service.pid);
    expect(refusals(await mitigate(String(worker), 'restart', ...QUICK))).toEqual(['evidence']);
    expect(
      refusals(
        await mitigate(String(worker), 'restart', '--signal', 'HUP').catch(() => ({ gates: [] }) as never),
      ),
    ).toEqual([]);
  });

  test('recycles the worker that has most memory; its successor is known to serve by its heartbeat', async () => {
    const grown = Number(
      await (await fetch(`${service.url}grow`, { headers: { connection: 'close' } })).text(),
    );
    const running = bench.load(service.url, 3);
    const done = await mitigate(
      ...[String(service.pid), 'restart', '--worst', '--ready', service.url, '--case', bench.folder()],
      ...[...WITHOUT, ...QUICK, '--yes'],
    );
    const { bad } = await running.stop();
    expect(done).toMatchObject({ state: 'done', outcomes: [{ oldPids: [grown] }] });
    expect(bad).toEqual([]);
    expect(childrenOf(service.pid)).not.toContain(grown);
    expect(childrenOf(service.pid)).toHaveLength(2);
  });

  test('HUP has the master reload all workers, which is what it is for', async () => {
    for (let at = 0; at < 30; at++) await fetch(`${service.url}grow`, { headers: { connection: 'close' } });
    const before = childrenOf(service.pid);
    const done = await mitigate(
      ...[
        String(service.pid),
        'rolling-restart',
        '--signal',
        'HUP',
        '--ready',
        service.url,
        '--case',
        bench.folder(),
      ],
      ...[...WITHOUT, ...QUICK, '--yes'],
    );
    expect(done).toMatchObject({ state: 'done', outcomes: [{ oldPids: expect.arrayContaining(before) }] });
    expect(childrenOf(service.pid).filter((pid) => before.includes(pid))).toEqual([]);
    expect(says(done, 'headroom')).toContain('new workers beside the old ones');
  });
});

describe.runIf(hasUvicorn)('mitigate with a real Uvicorn', () => {
  test('refuses a worker that its supervisor would not replace, and one process without any', async () => {
    const folder = bench.file('asgi.py', ASGI).replace(/asgi\.py$/, '');
    const args = (port: number): string[] => ['--port', String(port), '--app-dir', folder, 'asgi:app'];
    // Two workers and the resource tracker of multiprocessing.
    const many = await bench.serve('/usr/bin/uvicorn', (port) => ['--workers', '2', ...args(port)], {
      workers: 3,
    });
    await until(async () => (await mitigate(String(many.pid), 'restart')).workers.length === 2);
    const master = await mitigate(String(many.pid), 'restart', ...WITHOUT, ...QUICK);
    expect(refusals(master)).toEqual(['role', 'supervisor']);
    const worker = master.workers[0]!.pid;
    const plan = await mitigate(String(worker), 'restart', ...WITHOUT, ...QUICK, '--yes');
    expect(refusals(plan)).toEqual(['supervisor']);
    expect(says(plan, 'supervisor')).toMatch(/Uvicorn \d+\.\d+\S* does not replace/);
    const single = await bench.serve('/usr/bin/uvicorn', args, { workers: 0 });
    const alone = await mitigate(String(single.pid), 'restart', ...WITHOUT, ...QUICK, '--yes');
    expect(refusals(alone)).toEqual(['supervisor']);
    expect(says(alone, 'supervisor')).toMatch(/without a master.*kubectl rollout restart/);
    expect(childrenOf(many.pid)).toContain(worker);
  });
});
