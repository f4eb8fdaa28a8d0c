import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { containerFacts, listContainers } from './container-list.ts';
import { engineRun, engineStream } from './engine-exec.ts';
import { parseQuantity } from './quantity.ts';
import { runProgram } from './run-program.ts';
import { standInEngine } from './testing/stand-in-engine.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-containers-'));
const servers: { close(): void }[] = [];
let sockets = 0;
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ID = '0f'.repeat(32);
async function engine(): Promise<{ socketPath: string }> {
  const socketPath = join(root, `${++sockets}.sock`);
  const here = { hostPid: 0, said: '', child: null as never, enter: (argv: readonly string[]) => [...argv] };
  servers.push(
    await standInEngine(socketPath, [
      { id: ID, name: 'web', service: here, pid: 0, limitBytes: 0, usageBytes: 5000 },
    ]),
  );
  return { socketPath };
}

describe('a container engine', () => {
  test('tells of its containers; the memory of the machine is no limit of theirs', async () => {
    expect(await listContainers(await engine())).toMatchObject([
      { id: ID, name: 'web', memoryBytes: 4000, hostPid: null, image: 'example/service:1' },
    ]);
  });

  test('that knows no such container answers so', async () => {
    await expect(containerFacts(await engine(), 'other')).rejects.toMatchObject({ status: 404, exitCode: 4 });
  });

  test('runs a program with its arguments as they are, and tells both outputs and the code', async () => {
    const program = "console.log(process.argv[1]); console.error('to the side'); process.exitCode = 3";
    const odd = '$(echo no shell) "\u2713"';
    expect(await engineRun(await engine(), ID, [process.execPath, '-e', program, odd])).toEqual({
      code: 3,
      stdout: `${odd}\n`,
      stderr: 'to the side\n',
      failure: null,
    });
  });

  test('that takes too long with a program is not waited for', async () => {
    const result = await engineRun(
      await engine(),
      ID,
      // The engine lets it run on, as Docker does: it ends by itself.
      [process.execPath, '-e', 'setTimeout(() => {}, 5000)'],
      300,
    );
    expect(result).toMatchObject({ code: null, failure: expect.stringContaining('no end') });
  });

  test('gives a stream through which a megabyte comes back as it went', async () => {
    const stream = await engineStream(await engine(), ID, [
      process.execPath,
      '-e',
      'process.stdin.pipe(process.stdout)',
    ]);
    const sent = Buffer.alloc(1 << 20, 'abcdefg');
    stream.write(sent);
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of stream) {
      parts.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes >= sent.length) break;
    }
    expect(Buffer.concat(parts).equals(sent)).toBe(true);
  });

  test('that closes the connection in the middle, or is not there, is unreachable with a hint', async () => {
    const socketPath = join(root, `${++sockets}.sock`);
    const server: Server = createServer((socket) => socket.once('data', () => socket.destroy())).listen(
      socketPath,
    );
    servers.push(server);
    for (const path of [socketPath, join(root, 'nowhere.sock')]) {
      await expect(listContainers({ socketPath: path })).rejects.toMatchObject({
        code: 'engine-unreachable',
        exitCode: 4,
        hint: expect.stringContaining('DOCKER_HOST'),
      });
    }
  });

  test('that never answers ends with the signal of the user', async () => {
    const socketPath = join(root, `${++sockets}.sock`);
    const server: Server = createServer(() => undefined).listen(socketPath);
    servers.push(server);
    const stop = new AbortController();
    const listed = listContainers({ socketPath, signal: stop.signal });
    stop.abort(new Error('stopped by the user'));
    await expect(listed).rejects.toThrow('stopped by the user');
  });

  // Docker 29 takes nothing below 1.44, Docker 19.03 nothing above 1.40.
  test.each([
    ['1.44', '1.52'],
    ['1.24', '1.40'],
    ['1.12', '1.41'],
  ])('that speaks %s to %s is spoken to in a version that it takes', async (least, most) => {
    const socketPath = join(root, `${++sockets}.sock`);
    const container = { id: ID, name: 'web', service: null, pid: 0, limitBytes: 0, usageBytes: 5000 };
    servers.push(await standInEngine(socketPath, [container], { least, most }));
    expect(await listContainers({ socketPath })).toMatchObject([{ name: 'web', memoryBytes: 4000 }]);
  });

  test('is spoken to over TCP, too', async () => {
    const container = { id: ID, name: 'web', service: null, pid: 0, limitBytes: 0, usageBytes: 5000 };
    const server = await standInEngine(0, [container]);
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    expect(await listContainers({ host: '127.0.0.1', port, keys: null })).toMatchObject([{ name: 'web' }]);
  });

  test('is not what answers with something else', async () => {
    const server = createHttpServer((_, response) => response.end('<h1>It works</h1>')).listen(
      0,
      '127.0.0.1',
    );
    servers.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(listContainers({ host: '127.0.0.1', port, keys: null })).rejects.toMatchObject({
      message: expect.stringContaining('no container engine'),
      exitCode: 4,
    });
  });
});

test('quantities of Kubernetes are numbers, and what is none is null', () => {
  expect(
    ['512Mi', '1.5G', '128974848', '1e3', '100m', '2Ki', '.5k'].map((text) => parseQuantity(text)),
  ).toEqual([512 * 2 ** 20, 1.5e9, 128974848, 1000, 0, 2048, 500]);
  for (const text of ['', 'Mi', '1Xi', '1 G', '-5', undefined]) expect(parseQuantity(text)).toBeNull();
});

test('a program that is not installed or hangs is told, never waited for', async () => {
  expect(await runProgram('no-such-program-anywhere', [], { timeoutMs: 1000 })).toMatchObject({
    code: null,
    failure: expect.stringContaining('not installed'),
  });
  expect(
    await runProgram(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 300 }),
  ).toMatchObject({ failure: expect.stringContaining('no answer') });
});
