import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operationAt } from './driver/operation.js';
import { readMetrics } from './driver/worker-metrics.js';
import { drive } from './driver.js';
import { missingRuntime } from './missing-runtime.js';
import { startBuild } from './start-build.js';

const missing = missingRuntime();
const notTested = missing ? ` (not tested: ${missing.message})` : '';
if (missing) process.stderr.write(`labs/taskforge not tested: ${missing.message}; ${missing.hint}\n`);

const OPS = 160;
const CAPS = { recent: 500, results: 25, preferences: 200 };
const read = (file) => readFile(new URL(file, import.meta.url), 'utf8');

/** The service ends on its own time; the test's own limit is the only one. */
async function until(condition) {
  while (!(await condition())) await sleep(20);
}

/** A process that has ended and waits to be reaped by an idle init counts as ended. */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'latin1'));
}

async function post(url, path, body) {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const task = { user_id: 1, project_id: 2, assignee_id: 3, title: 'Fix <login>', description: '' };

describe.skipIf(missing).each(['leaking', 'fixed'])(`the %s build${notTested}`, (build) => {
  const leaks = build === 'leaking';
  let service;
  let rounds;
  let metrics;
  beforeAll(async () => {
    service = await startBuild(build);
    const { session, ...first } = await drive({ url: service.url, ops: OPS, keepOpen: true });
    const before = await readMetrics(service.url);
    const second = await session.drive({ ops: OPS });
    await session.close();
    rounds = [first, second];
    metrics = [before, await readMetrics(service.url)];
  });
  afterAll(() => service?.stop());

  test('is a Puma master with two workers, which say who has answered', () => {
    const [, { byWorker, ...total }] = rounds;
    expect(service.workers()).toHaveLength(2);
    expect(service.workers()).not.toContain(service.pid);
    expect([...metrics[1].keys()].sort()).toEqual(service.workers().sort());
    for (const pid of Object.keys(byWorker)) expect(service.workers()).toContain(Number(pid));
    expect(total.requests).toBe(2 * OPS);
    for (const kind of ['requests', 'searches', 'tasks', 'notifications']) {
      expect(Object.values(byWorker).reduce((sum, counts) => sum + counts[kind], 0)).toBe(total[kind]);
    }
  });

  test('counts in each worker what the driver has counted', () => {
    for (const [round, { byWorker }] of rounds.entries()) {
      for (const [pid, { searches, tasks, notifications }] of Object.entries(byWorker)) {
        expect(metrics[round].get(Number(pid))).toMatchObject({
          taskforge_searches_total: searches,
          taskforge_tasks_total: tasks,
          taskforge_notifications_total: notifications,
        });
      }
    }
  });

  test(`keeps ${leaks ? 'the preferences of every user notified' : 'a bounded number of preferences'}`, () => {
    for (const [round, { byWorker }] of rounds.entries()) {
      for (const [pid, { usersNotified }] of Object.entries(byWorker)) {
        const entries = metrics[round].get(Number(pid)).taskforge_notification_preferences_cache_entries;
        expect(entries).toBe(leaks ? usersNotified : Math.min(usersNotified, CAPS.preferences));
      }
    }
    expect(rounds[1].usersNotified).toBeGreaterThan(rounds[0].usersNotified + 500);
  });

  test(`has ${leaks ? 'one more default option for each task' : 'two default options'}`, () => {
    for (const [round, { byWorker }] of rounds.entries()) {
      for (const [pid, { tasks }] of Object.entries(byWorker)) {
        const keys = metrics[round].get(Number(pid)).taskforge_task_default_options_keys;
        expect(keys).toBe(leaks ? 2 + tasks : 2);
      }
    }
  });

  test('makes new options for each search, so the default argument does not leak', () => {
    expect(rounds[0].searches).toBeGreaterThan(8); // so at least one worker has served several
    for (const [round, { byWorker }] of rounds.entries()) {
      for (const [pid, { searches }] of Object.entries(byWorker)) {
        const series = metrics[round].get(Number(pid));
        if (searches === 0) continue;
        expect([3, 4]).toContain(series.taskforge_search_options_keys);
        expect([2, 3]).toContain(series.taskforge_search_options_filters);
      }
    }
  });

  test('keeps the caches that are bounded within their bounds', () => {
    for (const [round, { byWorker }] of rounds.entries()) {
      for (const [pid, { notifications, searches }] of Object.entries(byWorker)) {
        const series = metrics[round].get(Number(pid));
        expect(series.taskforge_recent_deliveries).toBe(Math.min(notifications, CAPS.recent));
        expect(series.taskforge_search_results_cache_entries).toBeLessThanOrEqual(
          Math.min(searches, CAPS.results),
        );
        // Its own estimate of an entry is never below 240 bytes.
        expect(series.taskforge_rails_cache_entries).toBeLessThanOrEqual((64 * 1024) / 240);
      }
    }
  });

  test('shows its memory and its garbage collector', () => {
    for (const series of metrics[1].values()) {
      expect(series.ruby_gc_heap_live_slots).toBeGreaterThan(10_000);
      expect(series.ruby_gc_count_total).toBeGreaterThan(0);
      if (process.platform === 'linux') expect(series.process_resident_memory_bytes).toBeGreaterThan(2 ** 20);
    }
  });

  test('finds tasks, and refuses what it does not understand', async () => {
    const { url } = service;
    const found = await (await fetch(`${url}/search?user_id=1&q=plan+export`)).json();
    expect(found.tasks.length).toBeGreaterThan(0);
    for (const { title } of found.tasks) expect(title).toMatch(/^Plan export /);
    expect((await fetch(`${url}/search?user_id=1`)).status).toBe(422);
    expect((await fetch(`${url}/search?user_id=999999&q=x`)).status).toBe(404);
    expect((await post(url, '/tasks', { ...task, priority: 'whenever' })).status).toBe(422);
    const unknown = { user_id: 1, recipient_ids: [1], event: 'party', subject: 'x' };
    expect((await post(url, '/notifications', unknown)).status).toBe(422);
  });
});

describe.skipIf(missing).each(['leaking', 'fixed'])(`one worker of the %s build${notTested}`, (build) => {
  const leaks = build === 'leaking';
  let service;
  beforeAll(async () => {
    service = await startBuild(build, { workers: 1, env: { TASKFORGE_REPORT_SECONDS: '0.05' } });
  });
  afterAll(() => service?.stop());

  test(`${leaks ? 'carries options from one task over to the next' : 'keeps the options of tasks apart'}`, async () => {
    await post(service.url, '/tasks', { ...task, priority: 'urgent' });
    const { status, body } = await post(service.url, '/tasks', task);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      title: 'Fix <login>',
      priority: leaks ? 'urgent' : 'normal',
      notified: [3],
    });
  });

  test('logs the sizes as the incident report has them, and leaves nothing behind', async () => {
    const counts = await drive({ url: service.url, ops: 20 });
    const series = (await readMetrics(service.url)).get(service.workers()[0]);
    await until(() => service.standardError().includes('NotificationService cache size: '));
    const pids = [service.pid, ...service.workers()];
    expect(existsSync(join(service.dataFolder, 'taskforge.sqlite3'))).toBe(true);
    await service.stop();
    for (const pid of pids) expect(isAlive(pid)).toBe(false);
    expect(existsSync(service.dataFolder)).toBe(false);

    const log = service.standardError();
    const entries = series.taskforge_notification_preferences_cache_entries;
    expect(entries).toBeGreaterThan(0);
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \[Rails\] INFO: /m);
    expect(log).toContain(`INFO: NotificationService cache size: ${entries} entries\n`);
    const keys = 2 + 2 + counts.tasks;
    const warning = `WARN: TaskService default_options has ${keys} keys (expected 2)\n`;
    expect(log.includes(warning)).toBe(leaks);
    expect(log.includes('TaskService default_options')).toBe(leaks);
  });
});

describe.skipIf(missing)(`the service${notTested}`, () => {
  test('loads and starts an agent in every worker', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'taskforge-test-'));
    const agent = join(folder, 'agent.rb');
    await writeFile(
      agent,
      'module StanchAgent\n  def self.start\n    warn "agent in #{Process.pid}"\n  end\nend\n',
    );
    let observed;
    try {
      observed = await startBuild('leaking', { agent });
      await until(() => (observed.standardError().match(/agent in \d+/g) ?? []).length === 2);
      for (const pid of observed.workers()) expect(observed.standardError()).toContain(`agent in ${pid}\n`);
    } finally {
      await observed?.stop();
      await rm(folder, { recursive: true });
    }
  });

  test('ends, and its files go, when the program that started it is killed', async () => {
    const program = `
      import { startBuild } from ${JSON.stringify(new URL('start-build.js', import.meta.url).href)};
      const { pid, workers, dataFolder } = await startBuild('fixed');
      console.log(JSON.stringify({ pids: [pid, ...workers()], dataFolder }));
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const { pids, dataFolder } = JSON.parse(line);
    expect(pids).toHaveLength(3);
    expect(existsSync(dataFolder)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !existsSync(dataFolder) && !pids.some(isAlive));
  });

  test('runs without an agent that cannot be loaded, and is driven from the command line', async () => {
    const { url, stop, standardError } = await startBuild('fixed', { workers: 1, agent: '/absent/agent.rb' });
    try {
      expect(standardError()).toContain('The Stanch agent was not loaded: ');
      const driver = new URL('driver.js', import.meta.url).pathname;
      const args = [driver, '--url', url, '--ops', '10', '--rounds', '2', '--seed', '5'];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const [first, second] = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect([first.requests, second.requests]).toEqual([10, 20]);

      const { byWorker, ...total } = await drive({ url, ops: 10, seed: 5 });
      const { byWorker: _, ...same } = first;
      expect(total).toEqual(same);
    } finally {
      await stop();
    }
  });
});

test('the n-th operation follows from the seed alone, and new users keep coming', () => {
  const operations = (seed) => Array.from({ length: 1_000 }, (_, number) => operationAt(number, seed));
  expect(operations(7)).toEqual(operations(7));
  expect(operations(7)).not.toEqual(operations(8));
  const kinds = new Set(operations(1).map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['notifications', 'tasks', 'searches']));
  const notified = operations(1).flatMap(({ body }) => body?.recipient_ids ?? []);
  expect(Math.min(...notified)).toBeGreaterThan(0);
  expect(Math.max(...notified)).toBeLessThanOrEqual(50_000);
  expect(new Set(notified).size).toBeGreaterThan(4_000);
});

test('what is missing is named with the command that installs it', () => {
  expect(missingRuntime({ PATH: '' })).toEqual({
    packages: ['ruby', 'ruby-rails', 'puma', 'ruby-sqlite3'],
    message: 'ruby, ruby-rails, puma, ruby-sqlite3 are not installed',
    hint: 'apt-get install --no-install-recommends ruby ruby-rails puma ruby-sqlite3',
  });
});

test('the list of causes names the lines that leak, and what only looks like it', async () => {
  const { causes, notCauses } = JSON.parse(await read('causes.json'));
  for (const { file, line, text } of [
    ...causes,
    ...causes.flatMap((cause) => cause.also ?? []),
    ...notCauses,
  ]) {
    const lines = (await read(file)).split('\n');
    expect(lines[line - 1]).toContain(text);
  }
  expect(causes.map(({ holder }) => holder)).toEqual(['@user_preferences_cache', '@@default_options']);
  expect(notCauses.map(({ id }) => id)).toContain('search-default-argument');
});

test('the builds differ in two services and in nothing else', async () => {
  for (const name of ['notification_service', 'task_service']) {
    expect(await read(`fixed/app/services/${name}.rb`)).not.toBe(await read(`app/services/${name}.rb`));
  }
  expect(existsSync(new URL('fixed/app/services/search_service.rb', import.meta.url))).toBe(false);
});
