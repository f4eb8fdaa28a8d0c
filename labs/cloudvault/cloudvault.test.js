import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildService } from './build.js';
import { countBySite, goroutineIds, orphansBySite } from './driver/goroutine-sites.js';
import { readMetrics } from './driver/server-metrics.js';
import { VaultClient } from './driver/vault-client.js';
import { drive } from './driver.js';
import { findGo, missingRuntime } from './go-runtime.js';
import { captureAll, startBuild } from './start-build.js';

const { causes, healthy, leakedPerMinute } = JSON.parse(
  await readFile(new URL('causes.json', import.meta.url), 'utf8'),
);
const missing = missingRuntime();
const FAST = ['-progress-every=50ms', '-poll-every=50ms', '-cleanup-every=50ms', '-chunked-expiry=1500ms'];
const OPEN_WATCHERS = 8;
const TENANTS = 4;

const siteOf = ({ file, line }) => `${file.split('/').at(-1)}:${line}`;
const SITES = Object.fromEntries(causes.map((cause) => [cause.id, siteOf(cause)]));

let folder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudvault-test-'));
  // The first time this compiles Go's own library too.
  if (!missing) for (const build of ['leaking', 'fixed']) await buildService(build);
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function dumpOf({ debugUrl }) {
  return (await fetch(new URL('/debug/pprof/goroutine?debug=2', debugUrl))).text();
}

/** Goroutines that the service's own code has started; those of net/http come and go with connections. */
function ownSites(dump) {
  const sites = Object.entries(countBySite(dump));
  return Object.fromEntries(sites.filter(([site]) => !site.startsWith('server.go:')));
}

async function waitFor(isSo) {
  for (let poll = 0; poll < 500; poll++) {
    const result = await isSo();
    if (result) return result;
    await sleep(20);
  }
  throw new Error('It does not come about');
}

if (missing) test(`not tested: ${missing.message}`, (context) => context.skip());

test('says that Go is absent, and how to install it', () => {
  const nowhere = join(folder, 'nowhere');
  expect(findGo(nowhere, nowhere)).toBeNull();
  expect(missingRuntime(null)).toMatchObject({ runtime: 'go', message: 'go is not installed' });
  expect(missingRuntime(null).install).toContain('https://go.dev/dl/');
  expect(missingRuntime(join(nowhere, 'go')).message).toContain('go does not run');
});

describe.skipIf(missing)('the leaking build', () => {
  let server;
  beforeEach(async () => {
    server = await startBuild('leaking', { args: FAST });
  });
  afterEach(() => server.stop());

  test('keeps a goroutine for each operation that leaks, and nothing else, when the load has gone', async () => {
    const { session, ...first } = await drive({ ...server, minutes: 1, keepOpen: true });
    const before = await dumpOf(server);
    const second = await session.drive({ minutes: 2 });
    const after = await dumpOf(server);
    const growth = {};
    for (const cause of causes) {
      const site = SITES[cause.id];
      growth[cause.id] = countBySite(after)[site] - countBySite(before)[site];
      expect(growth[cause.id], site).toBe(2 * cause.perMinute);
      expect(growth[cause.id], site).toBe(second[cause.per] - first[cause.per]);
    }
    expect(Object.values(growth).reduce((sum, each) => sum + each)).toBe(2 * leakedPerMinute);

    const counts = await session.quiesce();
    const quiet = await dumpOf(server);
    const expected = {
      [SITES['upload-progress']]: counts.fileUploadsWithProgress,
      [SITES['sync-watcher']]: counts.watchersStarted,
      [SITES['limiter-cleanup']]: counts.planChanges + TENANTS,
      [SITES['abandoned-upload']]: counts.chunkedAbandoned,
      [siteOf(healthy[0])]: healthy[0].count,
    };
    expect(ownSites(quiet)).toMatchObject(expected);
    const tellsCreators = / in goroutine \d+$/m.test(quiet); // Go 1.21 and newer
    for (const { id } of causes) {
      expect(orphansBySite(quiet)[SITES[id]], id).toBe(tellsCreators ? expected[SITES[id]] : undefined);
    }
    const survivors = goroutineIds(quiet);
    const leakedBefore = goroutineIds(before, SITES['upload-progress']);
    expect(leakedBefore.size).toBe(24);
    expect([...leakedBefore].every((id) => survivors.has(id))).toBe(true);
  });

  test('stops the counter of the watchers, though their goroutines stay', async () => {
    const counts = await drive({ ...server, minutes: 1 });
    const metrics = await readMetrics(server.debugUrl);
    expect(metrics.cloudvault_sync_watchers_active).toBe(0);
    expect(countBySite(await dumpOf(server))[SITES['sync-watcher']]).toBe(counts.watchersStarted);
    expect(metrics).toMatchObject({
      cloudvault_file_uploads_total: 120,
      cloudvault_file_uploads_with_progress_total: 24,
      cloudvault_chunked_uploads_initiated_total: 45,
      cloudvault_chunked_uploads_completed_total: 42,
      cloudvault_chunked_uploads_abandoned_total: 3,
      cloudvault_sync_operations_started_total: 200 + OPEN_WATCHERS,
      cloudvault_plan_changes_total: 4,
      cloudvault_http_connections_open: 0,
    });
    expect(metrics.go_goroutines).toBeGreaterThan(leakedPerMinute);
    expect(metrics.go_memstats_stack_inuse_bytes).toBeGreaterThan(0);
  });

  test('keeps the memory of what leaks, on the lines in the list of causes', async () => {
    await drive({ ...server, minutes: 6 });
    const heap = await (await fetch(new URL('/debug/pprof/heap?debug=1', server.debugUrl))).text();
    for (const { file, allocationLine } of causes.filter((cause) => cause.allocationLine)) {
      expect(heap).toContain(`/app/${file}:${allocationLine}\n`);
    }
  });

  test('goes on to report an upload that is complete, and leaves its page at 100 %', async () => {
    const session = 'a1b2c3d4';
    const progress = await uploadWithProgress(server.url, session);
    expect(progress).toEqual({ session, percent: 100, bytes: 4096, state: 'uploading' });
    const after = await waitFor(() => {
      const [, rest] = server.standardError().split(`INFO  Upload complete session=${session}\n`);
      return rest?.includes(`INFO  Upload progress: 4096 bytes session=${session}\n`) && rest;
    });
    expect(after).not.toContain('Upload started');
  });
});

describe.skipIf(missing)('the fixed build', () => {
  let server;
  beforeEach(async () => {
    server = await startBuild('fixed', { args: FAST });
  });
  afterEach(() => server.stop());

  test.each(['incident', 'growing'])('is as before when the %s load has gone', async (mode) => {
    const { session } = await drive({ ...server, mode, minutes: 1, keepOpen: true });
    await session.quiesce();
    const before = ownSites(await dumpOf(server));
    const { go_goroutines: goroutinesBefore } = await readMetrics(server.debugUrl);

    await session.drive({ minutes: 1 });
    const busy = ownSites(await dumpOf(server));
    await session.drive({ minutes: 1 });
    const busier = ownSites(await dumpOf(server));
    const grew = Object.keys(busier).filter((site) => busier[site] > busy[site]);
    const files = grew.map((site) => site.split(':')[0]).sort();
    expect(files).toEqual(mode === 'growing' ? ['storage_fixed.go', 'sync_fixed.go'] : []);

    await session.quiesce();
    expect(ownSites(await dumpOf(server))).toEqual(before);
    expect((await readMetrics(server.debugUrl)).go_goroutines).toBe(goroutinesBefore);
    expect(before[siteOf(healthy[0])]).toBe(healthy[0].count);
    expect(Object.entries(before).find(([site]) => site.startsWith('ratelimit_fixed.go:'))[1]).toBe(TENANTS);
  });

  test('ends the progress of an upload with the upload', async () => {
    const session = 'a1b2c3d4';
    await uploadWithProgress(server.url, session);
    await waitFor(async () => (await progressOf(server.url, session)).state === 'complete');
    await waitFor(async () => !(await dumpOf(server)).includes('storage.(*Service).Upload'));
    expect(server.standardError()).toContain(`INFO  Upload complete session=${session}\n`);
  });
});

describe.skipIf(missing).each(['leaking', 'fixed'])('the %s build, in what it is for,', (build) => {
  let server;
  beforeEach(async () => {
    server = await startBuild(build, { args: FAST });
  });
  afterEach(() => server.stop());

  test('tells watchers what other devices change, and refuses what it does not know', async () => {
    const [writer, reader] = ['writer', 'reader'].map((device) => clientOf(server.url, device));
    await setPlan(writer);
    const seen = [];
    const disconnect = await reader.watch((change) => seen.push(change.file));
    const change = await writer.request('POST', '/v1/sync/push', {}, { file: '/notes.txt', sizeBytes: 1 });
    await waitFor(() => seen.length > 0);
    expect(seen).toEqual(['/notes.txt']);
    const page = await reader.request('GET', '/v1/sync/pull', { cursor: change.sequence - 1 });
    expect(page).toEqual({ changes: [change], cursor: change.sequence, more: false });

    const stale = { file: '/notes.txt', sizeBytes: 2, basedOn: change.sequence - 1 };
    await expect(writer.request('POST', '/v1/sync/push', {}, stale)).rejects.toThrow('answered 409');
    await expect(writer.request('POST', '/v1/uploads/complete', { session: 'x' })).rejects.toThrow('404');
    const stranger = new VaultClient(server.url, { tenant: 'nobody', device: 'stranger' });
    await expect(stranger.request('GET', '/v1/sync/pull', { cursor: 0 })).rejects.toThrow('401');
    await setPlan(writer, { requestsPerSecond: 0, burst: 1 });
    await writer.request('GET', '/v1/sync/pull', { cursor: 0 });
    await expect(writer.request('GET', '/v1/sync/pull', { cursor: 0 })).rejects.toThrow('429');

    disconnect();
    for (const client of [writer, reader, stranger]) client.disconnect();
    expect(await (await fetch(new URL('/healthz', server.debugUrl))).text()).toBe('ok\n');
  });

  test('is driven alike by the same seed', async () => {
    const counts = await drive({ ...server, seed: 7 });
    expect(await drive({ ...server, seed: 7 })).toEqual(counts);
    expect(counts).toMatchObject({ minutes: 1, fileUploads: 120, syncOperations: 200 + OPEN_WATCHERS });
  });

  test('gives all captures, which only their owner may read, and ends for good', async () => {
    const files = await captureAll(server.debugUrl, join(folder, build), 'A');
    expect(files.map((file) => file.split('/').at(-1))).toEqual([
      'allocs.pb.gz',
      'goroutine-debug1.txt',
      'goroutine-debug2.txt',
      'goroutine.pb.gz',
      'heap-debug1.txt',
      'heap.pb.gz',
      'metrics.txt',
    ]);
    for (const file of files) {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const start = await readFile(file);
      expect(start.readUInt16BE(0) === 0x1f8b).toBe(file.endsWith('.gz'));
    }
    await server.stop();
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
  });
});

test('the list of causes names the lines that start the goroutines, and those on which they wait', async () => {
  const waits = { 'chan receive': /for range ticker\.C|<-done/, select: /select \{/ };
  for (const { file, line, blockedLine, wait } of [...causes, ...healthy]) {
    const lines = (await readFile(new URL(file, import.meta.url), 'utf8')).split('\n');
    expect(lines[line - 1]).toContain('go func() {');
    if (wait) expect(lines[blockedLine - 1]).toMatch(waits[wait]);
  }
  expect(causes.reduce((sum, { perMinute }) => sum + perMinute, 0)).toBe(leakedPerMinute);
});

function clientOf(url, device) {
  return new VaultClient(url, { tenant: 'acme', device });
}

function setPlan(client, plan = { requestsPerSecond: 1000, burst: 1000 }) {
  return client.request('PUT', '/admin/plan', { tenant: 'acme' }, plan);
}

async function progressOf(url, session) {
  const client = clientOf(url, 'page');
  const progress = await client.request('GET', '/v1/files/progress', { session });
  client.disconnect();
  return progress;
}

async function uploadWithProgress(url, session) {
  const client = clientOf(url, 'uploader');
  await setPlan(client);
  await client.request('POST', '/v1/files', { session, progress: 'true' }, Buffer.alloc(4096));
  client.disconnect();
  return progressOf(url, session);
}
