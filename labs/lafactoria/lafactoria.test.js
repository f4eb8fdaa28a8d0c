import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { drive } from './driver.js';
import { missingRuntime, startBuild } from './start-build.js';

const { causes, decoys } = JSON.parse(readFileSync(new URL('causes.json', import.meta.url), 'utf8'));
const POLL_EVERY_MS = 50;
const MAX_POLLS = 100;

async function memory(url) {
  return (await fetch(new URL('/health/memory', url))).json();
}

async function series(url) {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

/** Starts a build, makes 20 visits, and ends it whatever the test does. */
async function withBuild(build, options, use) {
  const server = await startBuild(build, options);
  try {
    const { session, ...counts } = await drive({ url: server.url, clients: 4, ops: 20, keepOpen: true });
    await use(server, counts, session);
    await session.close();
  } finally {
    await server.stop();
  }
}

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** What a cause has kept: entries that the service tells, by their names in `causes.json`. */
const COUNTED = causes.filter(({ entries }) => entries !== null);

describe.skipIf(missingRuntime() !== null)('La Factoria', () => {
  test('the leaking build keeps what the list of causes says for each visit', async () => {
    await withBuild('leaking', {}, async ({ url }, counts, session) => {
      // Every fourth visit of each of 4 clients, of 5 visits each: 2 of them.
      expect(counts).toMatchObject({ visits: 20, contents: 20, notFound: 20, exports: 8, histories: 8 });
      const kept = (at, entries) => at.entries[entries];
      const first = await memory(url);
      for (const { entries, perVisit } of COUNTED)
        expect(kept(first, entries), entries).toBe(perVisit === 1 ? 20 : 8);

      const after = await session.drive({ ops: 40 });
      const second = await memory(url);
      for (const { entries, perVisit } of COUNTED) {
        expect(kept(second, entries), entries).toBe(perVisit === 1 ? after.visits : after.exports);
      }
      expect(second.open_fds - first.open_fds).toBe(2 * (after.exports - counts.exports));
    });
  });

  test('the fixed build keeps nothing of a visit', async () => {
    await withBuild('fixed', { env: { CACHE_MAX_SIZE: '10' } }, async ({ url }, _, session) => {
      const first = await memory(url);
      await session.drive({ ops: 60 });
      const second = await memory(url);
      const { content, results, errors, ...others } = second.entries;
      expect({ content, errors }).toEqual({ content: 10, errors: 20 });
      expect(results).toBeLessThanOrEqual(200);
      expect(others).toMatchObject({ sessions: 0, tasks: 0, listeners: 0, exports: 0, connections: 0 });
      expect(second.open_fds).toBe(first.open_fds);
    });
  });

  test.each(COUNTED)('the cause $id can be switched on alone', async ({ id, entries }) => {
    await withBuild('leaking', { causes: [id] }, async ({ url }) => {
      const { entries: kept } = await memory(url);
      expect(kept[entries]).toBeGreaterThanOrEqual(8);
      // Bounded collections hold something too, so only those that a repaired build empties are compared.
      for (const other of ['sessions', 'tasks', 'listeners', 'exports', 'connections']) {
        if (other !== entries) expect(kept[other], other).toBe(0);
      }
    });
  });

  test('an unknown cause is refused, with its name', async () => {
    await expect(startBuild('leaking', { causes: ['nonsense'] })).rejects.toThrow('no such cause: nonsense');
  });

  test('metrics have the names of prometheus_client, and count what was asked for', async () => {
    await withBuild('fixed', {}, async ({ url }, counts) => {
      expect((await fetch(new URL('/healthz', url))).status).toBe(200);
      const found = await series(url);
      expect(found.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
      expect(found.get('lafactoria_operations_total{operation="create_content"}')).toBe(counts.contents);
      expect(found.get('lafactoria_operations_total{operation="read_content"}')).toBe(counts.notFound);
      for (const generation of [0, 1, 2]) {
        expect(found.has(`python_gc_collections_total{generation="${generation}"}`)).toBe(true);
      }
    });
  });

  test('bounded collections are full and stay so', async () => {
    await withBuild('leaking', { env: { CACHE_MAX_SIZE: '10' } }, async ({ url }, _, session) => {
      await session.drive({ ops: 250 });
      expect((await memory(url)).entries).toMatchObject({ cache: 10, recent: 256 });
    });
  });

  test('with TRACEMALLOC it writes snapshots, readable by the owner only', async () => {
    await withBuild('leaking', { tracemalloc: 5 }, async ({ url, dataFolder }) => {
      const answer = await fetch(new URL('/debug/tracemalloc', url), { method: 'POST' });
      const { file } = await answer.json();
      expect(file.startsWith(dataFolder)).toBe(true);
      expect((await readFile(file)).subarray(0, 40).includes('tracemalloc')).toBe(true);
    });
    await withBuild('leaking', {}, async ({ url }) => {
      expect((await fetch(new URL('/debug/tracemalloc', url), { method: 'POST' })).status).toBe(409);
    });
  });

  test('requests that it does not know are answered, and the service lives on', async () => {
    await withBuild('leaking', {}, async ({ url, standardError }) => {
      expect((await fetch(new URL('/nothing', url))).status).toBe(404);
      expect((await fetch(new URL('/api/sessions', url), { method: 'POST', body: '{' })).status).toBe(400);
      expect((await fetch(new URL('/api/sessions', url), { method: 'POST', body: '{}' })).status).toBe(400);
      expect((await fetch(new URL('/healthz', url))).status).toBe(200);
      expect(standardError()).toBe('');
    });
  });

  test('a stopped build leaves no process and no file', async () => {
    const server = await startBuild('leaking');
    await drive({ url: server.url, ops: 4 });
    await server.stop();
    expect(alive(server.pid)).toBe(false);
    expect(existsSync(server.dataFolder)).toBe(false);
  });

  test('the service ends and cleans up when whoever started it is killed', async () => {
    const start = new URL('start-build.js', import.meta.url).href;
    const program = `const { startBuild } = await import('${start}');
      const { pid, dataFolder } = await startBuild('leaking');
      process.stdout.write(JSON.stringify({ pid, dataFolder }));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(parent.stdout, 'data');
    const { pid, dataFolder } = JSON.parse(String(said));
    parent.kill('SIGKILL');
    let polls = 0;
    while (alive(pid) && polls++ < MAX_POLLS) await sleep(POLL_EVERY_MS);
    expect(alive(pid)).toBe(false);
    expect(existsSync(dataFolder)).toBe(false);
  });
});

test('the list of causes names the lines, and each has a repaired module', async () => {
  for (const { file, line, code, alsoLine, alsoCode } of causes) {
    const lines = (await readFile(new URL(file, import.meta.url), 'utf8')).split('\n');
    expect(lines[line - 1]).toContain(code);
    expect(lines[alsoLine - 1]).toContain(alsoCode);
    const repaired = await readFile(new URL(`fixed/${file}`, import.meta.url), 'utf8');
    expect(repaired).not.toBe(lines.join('\n'));
  }
  for (const { file } of decoys) {
    expect(existsSync(new URL(file, import.meta.url))).toBe(true);
    expect(existsSync(new URL(`fixed/${file}`, import.meta.url))).toBe(false);
  }
});
