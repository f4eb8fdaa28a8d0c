import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readHeapSnapshot } from '../formats/v8-heapsnapshot/read.ts';
import { openFile } from '../sources/file.ts';
import { CaptureError } from './capture-error.ts';
import { CaptureSession, captureHeapSnapshot } from './heap-snapshot.ts';
import { inspectorUrlIn } from './inspector-url.ts';

const folder: string = mkdtempSync(join(tmpdir(), 'stanch-capture-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `
  class Kept { constructor(at) { this.at = 'number ' + at; } }
  globalThis.kept = Array.from({ length: 500 }, (_, at) => new Kept(at));
  setInterval(() => {}, 1000);`;

let child: ChildProcess;
let url: string;
beforeEach(async () => {
  child = spawn(process.execPath, ['--inspect=127.0.0.1:0', '-e', PROGRAM], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr!.setEncoding('utf8');
  for await (const text of child.stderr!) {
    errors += text;
    const found = inspectorUrlIn(errors);
    if (found === null) continue;
    url = found;
    break;
  }
});
afterEach(async () => {
  child.kill();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
});

describe('a heap snapshot of a running process', () => {
  test('is whole, private, and can be read', async () => {
    const file = join(folder, 'one.heapsnapshot');
    const steps: string[] = [];
    const { bytes, elapsedMs } = await captureHeapSnapshot({
      webSocketUrl: url,
      file,
      onProgress: (step, done, total) => steps.push(`${step} ${done <= total}`),
    });
    expect(readdirSync(folder)).toEqual(['one.heapsnapshot']);
    expect(statSync(file).size).toBe(bytes);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(elapsedMs).toBeGreaterThan(0);
    expect(new Set(steps)).toEqual(new Set(['snapshot true']));
    const graph = await readHeapSnapshot(openFile(file));
    const names = [...graph.nodeName].filter((name) => graph.strings.head(name, 5) === 'Kept');
    expect(names.length).toBeGreaterThanOrEqual(500);
  });

  test('keeps the ids of objects from one to the next in a session', async () => {
    const session = await CaptureSession.connect(url);
    const take = async (name: string): Promise<Set<number>> => {
      const file = join(folder, name);
      await session.heapSnapshot({ file });
      const graph = await readHeapSnapshot(openFile(file));
      const kept = [...graph.nodeId.keys()].filter(
        (node) => graph.strings.head(graph.nodeName[node]!, 9) === 'number 42',
      );
      return new Set(kept.map((node) => graph.nodeId[node]!));
    };
    const first = await take('first.heapsnapshot');
    const second = await take('second.heapsnapshot');
    await session.close();
    expect(first.size).toBeGreaterThan(0);
    expect(second).toEqual(first);
  });

  test('replaces an older file only when it is complete', async () => {
    const file = join(folder, 'one.heapsnapshot');
    await captureHeapSnapshot({ webSocketUrl: url, file });
    const before = statSync(file).ino;
    await captureHeapSnapshot({ webSocketUrl: url, file });
    expect(statSync(file).ino).not.toBe(before);
    expect(existsSync(`${file}.part`)).toBe(false);
  });
});

describe('a capture that fails', () => {
  test('because the process dies says at which step, and leaves nothing behind', async () => {
    const session = await CaptureSession.connect(url);
    const capture = session.heapSnapshot({
      file: join(folder, 'dead.heapsnapshot'),
      onProgress: () => child.kill('SIGKILL'),
    });
    await expect(capture).rejects.toMatchObject({ target: url, step: 'take-snapshot', exitCode: 4 });
    await session.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('because it was aborted throws the reason, and leaves nothing behind', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const capture = captureHeapSnapshot({
      webSocketUrl: url,
      file: join(folder, 'aborted.heapsnapshot'),
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(capture).rejects.toBe(reason);
    expect(readdirSync(folder)).toEqual([]);
    expect(child.exitCode).toBe(null);
  });

  test('because the folder does not exist says so', async () => {
    const capture = captureHeapSnapshot({ webSocketUrl: url, file: join(folder, 'none', 'a.heapsnapshot') });
    await expect(capture).rejects.toMatchObject({
      step: 'write',
      message: expect.stringContaining('ENOENT'),
    });
  });

  test('because nobody listens there is a CaptureError with a hint', async () => {
    const nowhere = captureHeapSnapshot({ webSocketUrl: 'ws://127.0.0.1:1/x', file: join(folder, 'x') });
    await expect(nowhere).rejects.toBeInstanceOf(CaptureError);
    await expect(nowhere).rejects.toMatchObject({
      step: 'connect',
      hint: expect.stringContaining('--inspect'),
    });
  });

  test('because a web server listens there, not an inspector', async () => {
    const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const capture = captureHeapSnapshot({
      webSocketUrl: `ws://127.0.0.1:${port}/x`,
      file: join(folder, 'x'),
    });
    await expect(capture).rejects.toMatchObject({ step: 'connect' });
    server.closeAllConnections();
    server.close();
  });

  test('because the address is none', async () => {
    const capture = captureHeapSnapshot({ webSocketUrl: 'nonsense', file: join(folder, 'x') });
    await expect(capture).rejects.toMatchObject({ step: 'connect', target: 'nonsense' });
  });
});

test('the inspector is found in what Node.js prints, and not in anything else', () => {
  const printed =
    'warning\nDebugger listening on ws://127.0.0.1:38211/6b1\nFor help, see: https://nodejs.org\n';
  expect(inspectorUrlIn(printed)).toBe('ws://127.0.0.1:38211/6b1');
  expect(inspectorUrlIn('Debugger listening on ws://127.0.0.1:382')).toBe(null);
});
