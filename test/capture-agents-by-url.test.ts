import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { capture, endAll, freePort, startService, works } from './capture-command.ts';

// Services of Ruby and Python by the address of their agent: real servers with several workers. What stands for another machine is a relay of
// this test, behind which Stanch sees no process.

const repository = join(import.meta.dirname, '..');
const root = mkdtempSync(join(tmpdir(), 'stanch-by-url-'));
const token = 'a-token-of-more-than-16';
const children: ChildProcess[] = [];
const servers: Server[] = [];
const sockets = new Set<Socket>();
let folders = 0;
const newFolder = (): string => join(root, `case-${++folders}`);

afterEach(async () => {
  delete process.env['STANCH_TOKEN'];
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await endAll(children);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const puma = works('ruby', '-robjspace', '-e', 'require "puma"') && works('puma', '--version');
const gunicorn = works('gunicorn', '--version');

async function until<T>(look: () => T | undefined): Promise<T> {
  for (let left = 600; left > 0; left--) {
    const found = look();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error('it did not come');
}

/** The same service as if it were far away. */
async function fromAfar(port: number): Promise<string> {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    }
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Puma with two workers, each with the agent and its endpoint. */
async function pumaService(
  env: Record<string, string>,
): Promise<{ port: number; folder: string; master: number }> {
  const folder = join(root, `agent-${++folders}`);
  const child = spawn('puma', ['-C', 'agents/ruby/test/puma.rb', 'agents/ruby/test/rack.ru'], {
    cwd: repository,
    env: { ...process.env, STANCH_DIR: folder, STANCH_TOKEN: token, STANCH_COOL_DOWN: '0', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const port = await until(() => /Listening on http:\S+:(\d+)/.exec(said)?.[1]);
  await until(() => (existsSync(folder) && statuses(folder).length >= 2 ? true : undefined));
  return { port: Number(port), folder, master: child.pid! };
}

const statuses = (folder: string): string[] =>
  readdirSync(folder).filter((name) => /^stanch-\d+\.status\.json$/.test(name));
const dumps = (folder: string): string[] =>
  readdirSync(folder).filter((name) => /T[\d.]+Z\.(json|names)/.test(name));

describe.runIf(puma)('a Ruby service by its address', () => {
  test('on this machine needs no token: its heaviest worker is taken, by the agent’s signal', async () => {
    const { port, folder, master } = await pumaService({ STANCH_TOKEN: '' });
    const { preFlight, moments } = await capture(`http://127.0.0.1:${port}`, '--yes', '-o', newFolder());
    expect(preFlight.runtime).toBe('ruby');
    expect(preFlight.pid).not.toBe(master);
    expect(statuses(folder)).toContain(`stanch-${preFlight.pid}.status.json`);
    expect(moments[0]!.files.map(({ kind }) => kind)).toEqual(['heap', 'names']);
  }, 60_000);

  test('from afar gives a series of one worker, of which nothing is left there', async () => {
    const { port, folder } = await pumaService({ STANCH_DOWNLOAD: '1' });
    process.env['STANCH_TOKEN'] = token;
    const into = newFolder();
    const url = await fromAfar(port);
    const { preFlight } = await capture(url, '--count', '2', '--every', '10ms', '-o', into);
    expect(preFlight).toMatchObject({ runtime: 'ruby', target: `${url}/`, pid: null, state: 'ok' });
    expect(readdirSync(into).sort()).toEqual(['A.json.gz', 'A.names.jsonl', 'B.json.gz', 'B.names.jsonl']);
    const pids = ['A', 'B'].map((label) => {
      const lines = readFileSync(join(into, `${label}.names.jsonl`), 'utf8')
        .trimEnd()
        .split('\n');
      expect(JSON.parse(lines.at(-1)!)).toMatchObject({ t: 'end', complete: true });
      const dump = gunzipSync(readFileSync(join(into, `${label}.json.gz`))).toString('latin1');
      expect(dump.trimEnd().split('\n').length).toBeGreaterThan(1000);
      return (JSON.parse(lines[0]!) as { pid: number }).pid;
    });
    expect(pids[0]).toBe(pids[1]);
    expect(dumps(folder)).toEqual([]);
  }, 60_000);

  test('from afar is refused before anything is done where the service hands no dumps out', async () => {
    const { port, folder } = await pumaService({});
    process.env['STANCH_TOKEN'] = token;
    await expect(capture(await fromAfar(port), '--yes', '-o', newFolder())).rejects.toMatchObject({
      code: 'capture-refused',
      hint: expect.stringContaining('STANCH_DOWNLOAD=1'),
    });
    expect(dumps(folder)).toEqual([]);
    // On its own machine the same agent is enough: the dump is moved.
    const near = newFolder();
    await capture(`http://127.0.0.1:${port}`, '-o', near);
    expect(readdirSync(near)).toEqual(['A.json.gz', 'A.names.jsonl']);
  }, 60_000);

  test('and hands out nothing but dumps of its folder, to those with the token', async () => {
    const { port, folder } = await pumaService({ STANCH_DOWNLOAD: '1' });
    writeFileSync(join(folder, 'secret.json'), 'secret');
    const ask = (name: string, headers: Record<string, string> = { 'x-stanch-token': token }) =>
      fetch(`http://127.0.0.1:${port}/__stanch/file?name=${name}`, { headers }).then(({ status }) => status);
    for (const name of ['secret.json', '../secret.json', statuses(folder)[0]!, '%2e%2e', '', '.lock'])
      expect(await ask(name), name).toBe(404);
    expect(await ask('secret.json', {})).toBe(401);
  }, 60_000);

  test('from afar without a token is told what works instead', async () => {
    const { port } = await pumaService({});
    await expect(capture(await fromAfar(port))).rejects.toMatchObject({
      exitCode: 4,
      hint: expect.stringMatching(/STANCH_TOKEN[\s\S]*pid/),
    });
  }, 60_000);
});

const WSGI = `import os, sys
sys.path.insert(0, os.environ['AGENT'])
import stanch_agent
KEPT = [{'at': at} for at in range(1000)]
def plain(environ, start_response):
    start_response('200 OK', [('Content-Length', '0')])
    return [b'']
app = stanch_agent.WsgiMiddleware(plain, token='${token}')
`;

describe.runIf(gunicorn)('a Python service with several workers by its address', () => {
  const gunicornService = async (env: Record<string, string>): Promise<{ port: number; dumps: string }> => {
    const place = newFolder();
    mkdirSync(place);
    writeFileSync(join(place, 'service.py'), WSGI);
    const made = join(place, 'dumps');
    mkdirSync(made);
    const port = await freePort();
    writeFileSync(
      join(place, 'gunicorn.conf.py'),
      `def post_fork(server, worker):
    import service
    service.stanch_agent.start(directory='${made}', cooldown=0)
    print('up', flush=True)
`,
    );
    const child = spawn('gunicorn', ['-w', '3', '-b', `127.0.0.1:${port}`, 'service:app'], {
      cwd: place,
      env: {
        ...process.env,
        AGENT: join(repository, 'agents/python'),
        PYTHONDONTWRITEBYTECODE: '1',
        STANCH_DIR: join(place, 'state'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(child);
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString();
    });
    await until(() => (said.split('up').length > 3 ? true : undefined));
    return { port, dumps: made };
  };

  test('gives a series of one worker from afar, of which nothing is left there', async () => {
    const service = await gunicornService({ STANCH_DOWNLOAD: '1' });
    process.env['STANCH_TOKEN'] = token;
    const into = newFolder();
    const url = await fromAfar(service.port);
    const { preFlight } = await capture(url, '--count', '3', '--every', '10ms', '--yes', '-o', into);
    expect(preFlight).toMatchObject({ runtime: 'python', pid: null });
    expect(readdirSync(into)).toEqual(['A.pygc', 'B.pygc', 'C.pygc']);
    const pids = ['A', 'B', 'C'].map((label) => {
      const bytes = readFileSync(join(into, `${label}.pygc`));
      expect(bytes.subarray(-4000).toString('latin1')).toContain('Z\0\0\0');
      return /"pid": ?(\d+)/.exec(bytes.subarray(0, 20_000).toString('latin1'))?.[1];
    });
    expect(new Set(pids).size).toBe(1);
    expect(pids[0]).toMatch(/^\d+$/);
    expect(readdirSync(service.dumps)).toEqual([]);
  }, 60_000);

  test('hands no dump out unless it was told to, and nothing else in any case', async () => {
    const ask = async (env: Record<string, string>, name: string): Promise<number> => {
      const { port } = await gunicornService(env);
      const answer = await fetch(`http://127.0.0.1:${port}/.stanch/file?name=${name}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return answer.status;
    };
    expect(await ask({}, '1-1.pygc')).toBe(403);
    for (const name of ['../service.py', '1-1.pygc', '1-..%2fservice.pygc'])
      expect(await ask({ STANCH_DOWNLOAD: '1' }, name), name).toBe(404);
  }, 60_000);
});

const python = works('python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 8))');
describe.runIf(python)('a Python service with the agent’s own port', () => {
  test('is fetched from afar', async () => {
    const made = newFolder();
    mkdirSync(made);
    const port = await freePort();
    const { child } = await startService(
      'python3',
      [
        '-c',
        `import stanch_agent, time; stanch_agent.start(directory='${made}', port=${port}, token='${token}', download=True); print(1, flush=True); time.sleep(60)`,
      ],
      { PYTHONPATH: join(repository, 'agents/python'), PYTHONDONTWRITEBYTECODE: '1' },
    );
    children.push(child);
    process.env['STANCH_TOKEN'] = token;
    const into = newFolder();
    await capture(await fromAfar(port), '--yes', '-o', into);
    expect(readdirSync(into)).toEqual(['A.pygc']);
    expect(readdirSync(made)).toEqual([]);
  }, 60_000);
});
