import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { readPythonGc } from './read.ts';

/** The agent in real processes: its triggers, its refusals, and that it does the service no harm. */
const AGENT = fileURLToPath(new URL('../../../agents/python/stanch_agent.py', import.meta.url));
const PYTHON = process.env['STANCH_PYTHON'] ?? 'python3';
const TOKEN = 'a-token-of-32-characters-or-more';

function hasPython(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import sys; assert sys.version_info >= (3, 8)'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'stanch-agent-'));
const running: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a program with the agent imported; gives its lines one by one. */
function start(program: string): { pid: number; line: () => Promise<string>; exit: Promise<number | null> } {
  const file = join(folder, 'service.py');
  const preamble = `import sys, os, json, threading, time, gc\nsys.path.insert(0, ${JSON.stringify(join(AGENT, '..'))})\nimport stanch_agent\nfolder, token = ${JSON.stringify(folder)}, ${JSON.stringify(TOKEN)}\n`;
  writeFileSync(file, preamble + program);
  const child = spawn(PYTHON, [file], { stdio: 'pipe' });
  running.push(child);
  child.stderr.on('data', (data: Buffer) => process.stderr.write(data));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid!,
    line: async () => (await lines.next()).value ?? '',
    exit: new Promise((resolve) => child.on('exit', resolve)),
  };
}

const dumps = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.pygc'));
const load = (name: string) => readPythonGc(bytesSource(readFileSync(join(folder, name)), name));

describe.skipIf(!hasPython())('the agent', () => {
  test('dumps on a signal, once in the cool-down', async () => {
    const service = start(`
stanch_agent.start(folder, cooldown=3600, log=lambda line: print(line, flush=True))
print("ready", flush=True)
while True: time.sleep(0.05)
`);
    expect(await service.line()).toBe('ready');
    process.kill(service.pid, 'SIGURG');
    expect(await service.line()).toContain('stood still');
    process.kill(service.pid, 'SIGURG');
    expect(await service.line()).toContain('wait 3600 s');
    expect(dumps()).toHaveLength(1);
    const graph = await load(dumps()[0]!);
    expect(graph.process?.pid).toBe(service.pid);
    expect(graph.python.mode).toBe('fork');
  });

  test('refuses a signal that the program uses', async () => {
    const service = start(`
import signal
signal.signal(signal.SIGURG, lambda *_: None)
try: stanch_agent.start(folder)
except stanch_agent.Refused as error: print(error, flush=True)
`);
    expect(await service.line()).toContain('is used by the program already');
  });

  test('answers over HTTP to those with the token, and is not there for others', async () => {
    const service = start(`
server = stanch_agent.serve(port=0, token=token)
stanch_agent._state["directory"] = folder
print(server.server_address[1], flush=True)
while True: time.sleep(0.05)
`);
    const url = `http://127.0.0.1:${await service.line()}/.stanch/`;
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await fetch(`${url}status`)).status).toBe(404);
    expect(
      (await fetch(`${url}dump`, { method: 'POST', headers: { authorization: 'Bearer wrong' } })).status,
    ).toBe(404);
    const status = (await (await fetch(`${url}status`, { headers })).json()) as Record<string, unknown>;
    expect(status).toMatchObject({ pid: service.pid, plan: { mode: 'fork' }, dumps: 0 });
    const dump = (await (await fetch(`${url}dump`, { method: 'POST', headers })).json()) as { file: string };
    expect(statSync(dump.file).mode & 0o777).toBe(0o600);
    expect((await fetch(`${url}dump`, { method: 'POST', headers })).status).toBe(409);
  });

  test('answers as WSGI and ASGI middleware and hands the rest on', async () => {
    const service = start(`
import asyncio
stanch_agent._state["directory"] = folder
wsgi = stanch_agent.WsgiMiddleware(lambda environ, start: (start("200 OK", []), [b"app"])[1], token)
said = []
body = wsgi({"PATH_INFO": "/x", "REQUEST_METHOD": "GET"}, lambda status, headers: said.append(status))
print(said, body, flush=True)
wsgi({"PATH_INFO": "/.stanch/dump", "REQUEST_METHOD": "POST", "HTTP_AUTHORIZATION": "Bearer " + token}, lambda status, headers: print(status, flush=True))
async def app(scope, receive, send): await send({"type": "app"})
async def ask(path, authorization):
    sent = []
    async def send(message): sent.append(message)
    await stanch_agent.AsgiMiddleware(app, token)({"type": "http", "method": "GET", "path": path, "headers": [(b"authorization", authorization)]}, None, send)
    return sent[0]
print(asyncio.run(ask("/x", b""))["type"], asyncio.run(ask("/.stanch/status", b""))["status"], asyncio.run(ask("/.stanch/status", b"Bearer " + token.encode()))["status"], flush=True)
`);
    expect(await service.line()).toBe("['200 OK'] [b'app']");
    expect(await service.line()).toBe('200 OK');
    expect(await service.line()).toBe('app 404 200');
  });

  test('collects on request, says what came of it, takes no dump, and no more than its share of the time', async () => {
    const service = start(`
os.environ["STANCH_DIR"] = folder
stanch_agent.start(folder, cooldown=3600)
server = stanch_agent.serve(port=0, token=token)
class Round: pass
gc.disable()
def litter():
    for _ in range(20000):
        one, other = Round(), Round()
        one.other, other.other = other, one
litter()
print(server.server_address[1], flush=True)
while True: time.sleep(0.05)
`);
    const url = `http://127.0.0.1:${await service.line()}/.stanch/`;
    const status = join(folder, `stanch-${service.pid}.status.json`);
    const told = () => JSON.parse(readFileSync(status, 'utf8'));
    expect(told().offers).toContain('collect');
    const request = { id: 'c-1', act: 'collect', trim: true };
    writeFileSync(join(folder, `stanch-${service.pid}.request.json`), JSON.stringify(request));
    process.kill(service.pid, 'SIGURG');
    while (told().lastCollection === null) await new Promise((resolve) => setTimeout(resolve, 20));
    const { before, after, ...rest } = told().lastCollection;
    expect(rest).toMatchObject({ id: 'c-1', state: 'done' });
    expect(rest.unreachable).toBeGreaterThanOrEqual(40_000);
    expect(before.liveBlocks - after.liveBlocks).toBeGreaterThan(40_000);
    expect(told().last).toBeNull();
    expect(dumps()).toEqual([]);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const again = await fetch(`${url}collect`, { method: 'POST', headers });
    expect([again.status, await again.json()]).toEqual([
      409,
      { refused: expect.stringContaining('20th of the time') },
    ]);
    expect((await fetch(`${url}collect?pid=1`, { method: 'POST', headers })).status).toBe(421);
    expect((await fetch(`${url}collect`, { method: 'POST' })).status).toBe(404);
  });

  test('never writes over a file, nor through a link, and leaves nothing behind when refused', async () => {
    const service = start(`
open(os.path.join(folder, "a.pygc"), "w").close()
os.symlink("/nowhere", os.path.join(folder, "b.pygc"))
for name in ("a.pygc", "b.pygc"):
    try: stanch_agent.dump_once(os.path.join(folder, name))
    except stanch_agent.Refused as error: print(error, flush=True)
stanch_agent.headroom = lambda: 1 << 20
try: stanch_agent.dump_once(os.path.join(folder, "c.pygc"))
except stanch_agent.Refused as error: print(error, flush=True)
os.unlink(os.path.join(folder, "b.pygc"))
`);
    expect(await service.line()).toContain('a.pygc exists');
    expect(await service.line()).toContain('b.pygc exists');
    expect(await service.line()).toContain('are left before the limit');
    expect(await service.exit).toBe(0);
    expect(dumps()).toEqual(['a.pygc']);
  });

  test('ends a child that hangs, and the service goes on', async () => {
    const service = start(`
stanch_agent._state["timeout"] = 1
os.register_at_fork(after_in_child=lambda: time.sleep(60))
try: stanch_agent.dump_once(os.path.join(folder, "c.pygc"))
except stanch_agent.Refused as error: print(error, flush=True)
`);
    expect(await service.line()).toContain('no end after 1 s');
    expect(await service.exit).toBe(0);
    expect(dumps()).toEqual([]);
  });

  test('a fork under load gives a picture of one moment, again and again', async () => {
    const service = start(`
stop, shared = threading.Event(), {}
def work(number):
    # Both sides of a pair are always changed in one go, so that no moment has them differ by more than one thread's step.
    mine = shared[number] = {"left": [], "right": []}
    n = 0
    while not stop.is_set():
        n += 1
        mine["left"].append([n]); mine["right"].append({"n": [n]})
        if n % 5000 == 0: mine["left"].clear(); mine["right"].clear()
workers = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for each in workers: each.start()
gc.freeze()
for turn in range(5):
    result = stanch_agent.dump_once(os.path.join(folder, "%d.pygc" % turn))
    assert result["mode"] == "fork"
stop.set()
for each in workers: each.join()
print("alive", len(shared), gc.get_freeze_count() > 0, flush=True)
`);
    expect(await service.line()).toBe('alive 8 True');
    expect(dumps()).toHaveLength(5);
    for (const name of dumps()) {
      const graph = await load(name);
      expect(graph.warnings).toEqual([]);
      expect(graph.python.danglingReferences).toBeLessThan(100);
      expect(graph.python.gc.frozen).toBeGreaterThan(0);
      const describer = graph.newDescriber();
      const threads = [...Array(graph.nodeCount).keys()].filter(
        (node) => describer.shape(node).text === 'frame work',
      );
      expect(threads).toHaveLength(8);
    }
  });

  test('a tracing window ends by itself and says what it cost', async () => {
    const service = start(`
stanch_agent._state["directory"] = folder
result = stanch_agent.trace(0.3, 1)
import tracemalloc
print(json.dumps([result, tracemalloc.is_tracing(), oct(os.stat(result["file"]).st_mode & 0o777)]), flush=True)
try: stanch_agent.trace(1000)
except stanch_agent.Refused as error: print(error, flush=True)
`);
    const [result, isTracing, mode] = JSON.parse(await service.line()) as [
      Record<string, number>,
      boolean,
      string,
    ];
    expect(isTracing).toBe(false);
    expect(mode).toBe('0o600');
    expect(result).toHaveProperty('cpuShare');
    expect(await service.line()).toContain('at most 120 seconds');
  });

  test('a process that was not prepared runs the file as it is', async () => {
    const file = join(folder, 'bare.pygc');
    const program = `exec(open(${JSON.stringify(AGENT)}).read()); print(dump_once(${JSON.stringify(file)})["mode"])`;
    expect(execFileSync(PYTHON, ['-c', program], { encoding: 'utf8' }).trim()).toBe('fork');
    expect((await load('bare.pygc')).nodeCount).toBeGreaterThan(1000);
  });
});
