import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const here = import.meta.dirname;
const token = 'a-token-for-the-test';
// Other tests may want the processor as well.
const slow = 180_000;
const runs = (code: string): boolean => spawnSync('ruby', ['-e', code]).status === 0;
const hasRuby = runs('require "objspace"; exit Process.respond_to?(:fork)');
const hasPuma = hasRuby && runs('require "puma"') && spawnSync('puma', ['--version']).status === 0;
const hasRails = hasPuma && runs('require "logger"; require "action_controller/railtie"');

interface Status {
  readonly pid: number;
  readonly ppid: number;
  readonly role: string;
  readonly signal: string;
  readonly handled: number;
  readonly state: string;
  readonly last: { state: string; reason?: string; path: string; names: string | null } | null;
}

interface Service {
  readonly process: ChildProcess;
  readonly url: string;
  readonly folder: string;
}

const homes: string[] = [];
const services: Service[] = [];

async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let left = 600; left > 0; left--) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`${what} did not come`);
}

function statuses(folder: string): Status[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^stanch-\d+\.status\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Status);
}

const statusOf = (service: Service, pid: number): Status | undefined =>
  statuses(service.folder).find((status) => status.pid === pid);

const workers = (service: Service): Status[] =>
  statuses(service.folder).filter((status) => status.role === 'puma-worker');

/** Puma with two workers on a free port, ready when both workers have armed their agents. */
async function startPuma(app: string, env: Record<string, string>): Promise<Service> {
  const home = mkdtempSync(join(tmpdir(), 'stanch-puma-'));
  homes.push(home);
  const child = spawn('puma', ['-C', join(here, 'test/puma.rb'), join(here, 'test', app)], {
    cwd: home,
    env: { ...process.env, STANCH_DIR: join(home, 'dumps'), STANCH_TOKEN: token, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  const url = await until(`the port of ${app}`, () => {
    if (child.exitCode !== null) throw new Error(`puma ended: ${output}`);
    return /Listening on (http:\S+)/.exec(output)?.[1];
  });
  const service = { process: child, url, folder: join(home, 'dumps') };
  services.push(service);
  await until('two workers with an agent', () => (workers(service).length === 2 ? true : undefined));
  return service;
}

/** Sends the agent's own signal and waits for its answer. */
async function signalled(service: Service, pid: number): Promise<NonNullable<Status['last']>> {
  const before = statusOf(service, pid);
  if (!before) throw new Error(`no agent in ${pid}`);
  process.kill(pid, `SIG${before.signal}` as NodeJS.Signals);
  return until(`the answer of ${pid}`, () => {
    const now = statusOf(service, pid);
    return now && now.handled > before.handled && now.last ? now.last : undefined;
  });
}

async function addresses(path: string): Promise<{ known: Set<string>; dangling: number; objects: number }> {
  const known = new Set<string>();
  const used = new Set<string>();
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const record = JSON.parse(line) as { address?: string; references?: string[] };
    if (record.address) known.add(record.address);
    for (const address of record.references ?? []) used.add(address);
  }
  let dangling = 0;
  for (const address of used) if (!known.has(address)) dangling++;
  return { known, dangling, objects: known.size };
}

const names = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

afterAll(async () => {
  for (const { process: child } of services) {
    child.kill('SIGTERM');
    await until('the end of puma', () => child.exitCode ?? child.signalCode ?? undefined);
  }
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

if (!hasRuby) it.skip('not tested: ruby', () => undefined);
if (!hasPuma) it.skip('not tested: puma', () => undefined);
if (!hasRails) it.skip('not tested: rails', () => undefined);

describe.skipIf(!hasRuby)('the Ruby agent in a plain process', () => {
  it('passes its own tests', { timeout: slow }, () => {
    const { stdout, stderr } = spawnSync('ruby', [join(here, 'test/agent_test.rb')], { encoding: 'utf8' });
    expect(stdout + stderr).toMatch(/\d+ runs, \d+ assertions, 0 failures, 0 errors, 0 skips/);
  });
});

describe.skipIf(!hasRails)('the Ruby agent in Rails on a preloading Puma under load', () => {
  let service: Service;
  let failed = 0;
  let answered = 0;
  let busy = true;
  let load: Promise<unknown>;
  const served = new Set<number>();

  beforeAll(async () => {
    service = await startPuma('rails.ru', { PRELOAD: '1', STANCH_COOL_DOWN: '0', STANCH_KEEP: '0' });
    let user = 0;
    const client = async (): Promise<void> => {
      while (busy) {
        // A connection for each request, or all of them may stay with one worker.
        const ok = await fetch(`${service.url}/notify/${user++}`, { headers: { connection: 'close' } }).then(
          async (answer) => {
            const pid = await answer.text();
            if (/^\d+$/.test(pid)) served.add(Number(pid));
            return answer.status === 200 && served.has(Number(pid));
          },
          () => false,
        );
        if (ok) answered++;
        else failed++;
        await sleep(10);
      }
    };
    load = Promise.all([client(), client(), client()]);
    await until('requests in both workers', () => (served.size === 2 ? true : undefined));
  });

  it('names what the services hold, in dumps without dangling references', { timeout: slow }, async () => {
    const worker = workers(service)[0]!;
    for (let count = 1; count <= 3; count++) {
      const last = await signalled(service, worker.pid);
      expect(last.state, last.reason).toBe('done');
      const mode = (path: string): number => statSync(path).mode & 0o777;
      expect([mode(last.path), mode(last.names!)]).toEqual([0o600, 0o600]);
      if (count !== 2) {
        const dump = await addresses(last.path);
        expect(dump.dangling).toBe(0);
        expect(dump.objects).toBeGreaterThan(50_000);
        const lines = names(last.names!);
        expect(lines.at(-1)).toMatchObject({ t: 'end', complete: true });
        for (const [kind, name] of [
          ['ivar', '@user_preferences_cache'],
          ['const', 'TRAIL'],
          ['cvar', '@@instance'],
        ]) {
          const edge = lines.find((line) => line['kind'] === kind && line['name'] === name);
          expect(edge, `${kind} ${name}`).toBeDefined();
          expect(dump.known).toContain(edge?.['to']);
        }
      }
      rmSync(last.path);
      rmSync(last.names!);
    }
    expect(workers(service).map((status) => status.pid)).toContain(worker.pid);
    expect(readdirSync(service.folder).filter((name) => name.includes('part'))).toEqual([]);
  });

  it('refuses in the master, which goes on', async () => {
    const master = statuses(service.folder).find((status) => status.role === 'puma-master')!;
    expect(master.pid).toBe(service.process.pid);
    expect(await signalled(service, master.pid)).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('ask one of its workers'),
    });
    expect(service.process.exitCode).toBeNull();
  });

  it('needs the token, and takes a dump without values of the worker that is asked for', async () => {
    const pid = workers(service)[1]!.pid;
    const url = `${service.url}/__stanch/dump?pid=${pid}&values=0`;
    expect((await fetch(url, { method: 'POST' })).status).toBe(401);
    expect((await fetch(url, { method: 'POST', headers: { 'x-stanch-token': `${token}.` } })).status).toBe(
      401,
    );
    const before = statusOf(service, pid)!.handled;
    const answer = await fetch(url, { method: 'POST', headers: { 'x-stanch-token': token } });
    expect(answer.status).toBe(202);
    const last = await until('the dump', () => {
      const now = statusOf(service, pid);
      return now && now.handled > before && now.last ? now.last : undefined;
    });
    expect(last).toMatchObject({ state: 'done' });
    const text = readFileSync(last.path, 'latin1');
    expect(text).not.toContain('secret.example');
    expect(text).not.toContain('"value":');
    const status = await fetch(`${service.url}/__stanch/status?pid=${pid}`, {
      headers: { 'x-stanch-token': token },
    });
    expect(await status.json()).toMatchObject({ pid, role: 'puma-worker', ppid: service.process.pid });
  });

  it('no request failed in all that', async () => {
    busy = false;
    await load;
    expect(failed).toBe(0);
    expect(answered).toBeGreaterThan(50);
  });
});

describe.skipIf(!hasPuma)('the Ruby agent in a plain Rack application on Puma without preloading', () => {
  it('dumps one worker twenty times; it lives and answers, and nothing temporary stays', {
    timeout: slow,
  }, async () => {
    const service = await startPuma('rack.ru', { STANCH_COOL_DOWN: '0', STANCH_TOKEN: '' });
    const pid = workers(service)[0]!.pid;
    const seen = new Set<string>();
    for (let count = 1; count <= 20; count++) {
      const last = await signalled(service, pid);
      expect(last.state, last.reason).toBe('done');
      seen.add(last.path);
      expect(await (await fetch(service.url)).text()).toMatch(/^\d+$/);
      if (count === 20) expect((await addresses(last.path)).dangling).toBe(0);
    }
    expect(seen.size).toBe(20);
    expect(workers(service).map((status) => status.pid)).toContain(pid);
    const left = readdirSync(service.folder);
    expect(left.filter((name) => name.includes('part'))).toEqual([]);
    expect(left.filter((name) => name.endsWith('.names.jsonl')).length).toBe(12);
    expect(statuses(service.folder).some((status) => status.role === 'puma-master')).toBe(false);
    // Without a token the application gets the request.
    expect(await (await fetch(`${service.url}/__stanch/status`)).text()).toMatch(/^\d+$/);
  });

  it('keeps the cool-down', { timeout: slow }, async () => {
    const service = await startPuma('rack.ru', { STANCH_COOL_DOWN: '600' });
    const pid = workers(service)[1]!.pid;
    expect(await signalled(service, pid)).toMatchObject({ state: 'done' });
    expect(await signalled(service, pid)).toMatchObject({
      state: 'refused',
      reason: expect.stringMatching(/less than 600 s ago/),
    });
  });
});
