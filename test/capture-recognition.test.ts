import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { ProcessFacts } from '../src/sources/processes/process-facts.ts';
import { listProcesses } from '../src/sources/processes/process-list.ts';
import { heaviestWorker } from '../src/sources/processes/process-tree.ts';
import { capture, endAll, freePort, works } from './capture-command.ts';

// Real servers, as they show themselves in /proc.

const root = mkdtempSync(join(tmpdir(), 'stanch-recognition-'));
const children: ChildProcess[] = [];
afterEach(async () => {
  await endAll(children);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const APP = `
async def app(scope, receive, send):
    if scope['type'] == 'lifespan':
        while True:
            message = await receive()
            await send({'type': message['type'] + '.complete'})
            if message['type'] == 'lifespan.shutdown':
                return
    await send({'type': 'http.response.start', 'status': 200, 'headers': []})
    await send({'type': 'http.response.body', 'body': b''})

def wsgi(environ, start_response):
    start_response('200 OK', [('Content-Length', '0')])
    return [b'']
`;

/** The processes of a tree, once it has as many workers as it was told to. */
async function familyOf(
  pid: number,
  workers: number,
): Promise<{ master: ProcessFacts; below: ProcessFacts[] }> {
  for (let left = 200; left > 0; left--) {
    const all = listProcesses();
    const master = all.find((each) => each.pid === pid);
    const below = all.filter(({ ppid }) => ppid === pid);
    if (master?.master && below.filter(({ role }) => / worker/.test(role)).length === workers)
      return { master, below };
    await sleep(100);
  }
  throw new Error('no such family came up');
}

async function untilAnswered(url: string): Promise<void> {
  for (let left = 300; left > 0; left--) {
    const answer = await fetch(url, { headers: { connection: 'close' } }).catch(() => null);
    await answer?.arrayBuffer();
    if (answer) return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer`);
}

function start(command: string, args: readonly string[]): number {
  writeFileSync(join(root, 'service.py'), APP);
  const child = spawn(command, args, { cwd: root, stdio: 'ignore' });
  children.push(child);
  return child.pid!;
}

describe.runIf(works('uvicorn', '--version'))('uvicorn with workers', () => {
  test('is a master with workers and a helper, and a capture of it names a worker', async () => {
    const port = String(await freePort());
    const pid = start('uvicorn', ['--workers', '2', '--port', port, 'service:app']);
    const { master, below } = await familyOf(pid, 2);
    expect(master).toMatchObject({ runtime: 'python', role: 'uvicorn master' });
    const helpers = below.filter(({ role }) => role !== 'uvicorn worker');
    expect(helpers.map(({ role }) => role)).toEqual(['multiprocessing resource tracker']);
    const worker = heaviestWorker(master, listProcesses())!;
    expect(worker.role).toBe('uvicorn worker');
    await expect(capture(String(pid))).rejects.toMatchObject({
      code: 'capture-master',
      hint: expect.stringMatching(/stanch capture \d+ {2}\(uvicorn worker\)/),
    });
    // The port is bound by the master, and listened on only once a worker has imported the application.
    await untilAnswered(`http://127.0.0.1:${port}`);
    // By its address it is a worker that is looked at, whatever the pre-flight then says.
    const outcome = await capture(`http://127.0.0.1:${port}`, '--dry-run').catch((error: Error) => error);
    const said = outcome instanceof Error ? outcome.message : outcome.preFlight.target;
    expect(
      below.filter(({ role }) => role === 'uvicorn worker').map((each) => `process ${each.pid}`),
    ).toContain(/process \d+/.exec(said)?.[0]);
  }, 60_000);
});

describe.runIf(works('gunicorn', '--version'))('gunicorn with workers', () => {
  test('is a master with workers, whether it can set titles or not', async () => {
    const pid = start('gunicorn', ['-w', '2', '-b', `127.0.0.1:${await freePort()}`, 'service:wsgi']);
    const { master, below } = await familyOf(pid, 2);
    expect(master.role).toBe('gunicorn master');
    expect(new Set(below.map(({ role }) => role))).toEqual(new Set(['gunicorn worker']));
  }, 60_000);
});

describe.runIf(works('go', 'version') && works('objcopy', '--version'))('a Go program', () => {
  test('is known without what its linker says of its build', async () => {
    writeFileSync(join(root, 'go.mod'), 'module example/bare\n\ngo 1.19\n');
    writeFileSync(
      join(root, 'main.go'),
      'package main\n\nimport "time"\n\nfunc main() { time.Sleep(time.Hour) }\n',
    );
    const program = join(root, 'bare');
    const built = spawnSync('go', ['build', '-ldflags=-s -w', '-o', program], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(built.status, built.stderr).toBe(0);
    expect(spawnSync('objcopy', ['--rename-section', '.go.buildinfo=.other', program]).status).toBe(0);
    const pid = start(program, []);
    await sleep(200);
    expect(listProcesses().find((each) => each.pid === pid)).toMatchObject({ runtime: 'go', role: 'bare' });
  }, 120_000);
});
