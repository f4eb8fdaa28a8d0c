import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CanvasClient } from './driver/canvas-client.js';
import { readMetric } from './driver/server-metrics.js';
import { drive } from './driver.js';
import { startBuild } from './start-build.js';

const EVENTS = ['heartbeat', 'cursor-move', 'selection-change'];
const BUILDS = [
  { build: 'leaking', leftPerJoin: 1, ghosts: true },
  { build: 'fixed', leftPerJoin: 0, ghosts: false },
];

async function countListeners(url) {
  const counts = {};
  for (const event of EVENTS) {
    counts[event] = await readMetric(url, `nodejs_eventloop_listeners_count{event="${event}"}`);
  }
  return counts;
}

const each = (count) => Object.fromEntries(EVENTS.map((event) => [event, count]));

describe.each(BUILDS)('the $build build', ({ build, leftPerJoin, ghosts }) => {
  let server;
  beforeEach(async () => {
    server = await startBuild(build);
  });
  afterEach(() => server.stop());

  test(`keeps ${leftPerJoin} listener of each of three kinds for each join of a connected user`, async () => {
    const { url } = server;
    const { session, ...first } = await drive({ url, clients: 4, ops: 60, keepOpen: true });
    expect(first).toMatchObject({ joins: 60, listenersAdded: 180, disconnects: 0 });
    expect(first.switches + first.leaves).toBe(60);
    expect(await countListeners(url)).toEqual(each(60 * leftPerJoin));

    const second = await session.drive({ ops: 40 });
    expect(second).toMatchObject({ connects: 4, joins: 100 });
    expect(await countListeners(url)).toEqual(each(100 * leftPerJoin));
    expect(await readMetric(url, 'websocket_connection_active')).toBe(4);
    expect(await readMetric(url, 'board_join_total')).toBe(100);
    expect(await readMetric(url, 'board_open')).toBe(0);
    expect(await readMetric(url, 'socket_listener_removed_total')).toBe(300 * (1 - leftPerJoin));
    await session.close();

    const warned = server.standardError().includes('11 heartbeat listeners added to [Socket]');
    expect(warned).toBe(leftPerJoin > 0);
  });

  test('lets go of the listeners of users who disconnect', async () => {
    const { url } = server;
    const counts = await drive({ url, mode: 'churn', clients: 5, ops: 50 });
    expect(counts).toMatchObject({ connects: 50, joins: 50, disconnects: 50 });
    expect(counts.leaves).toBeLessThan(50);
    expect(await readMetric(url, 'websocket_connection_total')).toBe(50);
    expect(await readMetric(url, 'websocket_disconnect_total')).toBe(50);
    expect(await readMetric(url, 'websocket_connection_active')).toBe(0);
    expect(await readMetric(url, 'board_open')).toBe(0);
    expect(await countListeners(url)).toEqual(each(0));
  });

  test(`shows ${ghosts ? 'a ghost cursor' : 'no cursor'} on the board that a user has left`, async () => {
    const { url } = server;
    const watcher = await CanvasClient.connect(url, 'watcher');
    const traveller = await CanvasClient.connect(url, 'traveller');
    const seen = [];
    watcher.on('cursor-moved', ({ boardId, userId, x }) => seen.push({ boardId, userId, x }));

    await watcher.request('join-board', { boardId: 'board-a' });
    await traveller.request('join-board', { boardId: 'board-a' });
    traveller.tell('cursor-move', { x: 1, y: 1 });
    await traveller.request('join-board', { boardId: 'board-b' });
    traveller.tell('cursor-move', { x: 2, y: 2 });
    await traveller.request('time-sync');
    await watcher.request('time-sync');

    const whileThere = { boardId: 'board-a', userId: 'traveller', x: 1 };
    const ghost = { boardId: 'board-a', userId: 'traveller', x: 2 };
    expect(seen).toEqual(ghosts ? [whileThere, ghost] : [whileThere]);

    const [boardA, boardB] = await Promise.all(
      ['board-a', 'board-b'].map(async (id) => (await fetch(`${url}/boards/${id}`)).json()),
    );
    expect(boardA.cursors).toEqual(ghosts ? { traveller: { x: 2, y: 2 } } : {});
    expect(boardA.presence).toEqual([{ userId: 'watcher', idle: false }]);
    expect(boardB.cursors).toEqual({ traveller: { x: 2, y: 2 } });
    expect(await countListeners(url)).toEqual(each(ghosts ? 3 : 2));
    await Promise.all([watcher.close(), traveller.close()]);
  });

  test('shares shapes, and refuses messages that it does not know', async () => {
    const { url } = server;
    const painter = await CanvasClient.connect(url, 'painter');
    await painter.request('join-board', { boardId: 'board-a' });
    const shape = { kind: 'ellipse', x: 0, y: 0, width: 10, height: 10, text: '', points: [] };
    expect(await painter.request('shape-add', shape)).toEqual({ shapeId: 'shape-16' });
    expect(await (await fetch(`${url}/boards`)).json()).toEqual({
      boards: [{ id: 'board-a', title: 'Board board-a', members: 1 }],
    });
    await expect(painter.request('disconnect')).rejects.toThrow('The connection has ended');
    const stranger = await CanvasClient.connect(url, 'stranger');
    await expect(stranger.request('join-board', {})).rejects.toThrow('The connection has ended');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('is driven alike by the same seed', async () => {
    const { url } = server;
    const options = { url, clients: 3, ops: 30, seed: 7 };
    const counts = await drive(options);
    expect(await drive(options)).toEqual(counts);
    expect(await drive({ ...options, seed: 8 })).not.toEqual(counts);
  });

  test('in the reproduction of the incident, listeners stay only where the sockets stay', async () => {
    const driver = fileURLToPath(new URL('driver.js', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--expose-gc', driver, '--mode', 'incident', '--build', build, '--ops', '100'],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      users: 100,
      socketsDropped: { socketsAlive: 0, listenersLeft: 0 },
      socketsConnected: { socketsAlive: 100, listenersLeft: 100 * leftPerJoin },
    });
  });
});

test('the list of causes names the lines that add the listeners', async () => {
  const { causes, listenersPerJoin } = JSON.parse(
    await readFile(new URL('causes.json', import.meta.url), 'utf8'),
  );
  for (const { file, line, event } of causes) {
    const lines = (await readFile(new URL(file, import.meta.url), 'utf8')).split('\n');
    expect(lines[line - 1]).toContain(`socket.on('${event}', `);
  }
  expect(causes.map(({ event }) => event)).toEqual(EVENTS);
  expect(causes.reduce((sum, cause) => sum + cause.listenersPerJoin, 0)).toBe(listenersPerJoin);
});
