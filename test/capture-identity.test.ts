import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inspectorAt } from '../src/capture/probes/inspector-at.ts';
import { canIsolate, isolatedService } from '../src/sources/containers/testing/isolated-service.ts';
import { standInEngine } from '../src/sources/containers/testing/stand-in-engine.ts';
import { capture, freePort, NODE_SERVICE, type StartedService, startService } from './capture-command.ts';

// One process has many names: while it is captured under one of them, none of the others leads to it.

const root = mkdtempSync(join(tmpdir(), 'stanch-identity-'));
const children: ChildProcess[] = [];
const servers: Server[] = [];
const { DOCKER_HOST } = process.env;
let folders = 0;
const newFolder = (): string => join(root, `case-${++folders}`);

beforeEach(() => {
  process.env['DOCKER_HOST'] = `unix://${join(root, 'none.sock')}`;
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  if (DOCKER_HOST === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = DOCKER_HOST;
});

const service = async (command: string, args: string[]): Promise<StartedService> => {
  const started = await startService(command, args);
  children.push(started.child);
  return started;
};

/** Runs `work` between two captures of a series. */
async function whileCaptured(
  name: string,
  first: string,
  work: () => Promise<void>,
  ...more: string[]
): Promise<void> {
  const folder = newFolder();
  const running = capture(name, '--count', '2', '--every', '1h', '--yes', '-o', folder, ...more);
  const ended = expect(running).rejects.toMatchObject({ code: 'interrupted' });
  while (!existsSync(join(folder, first))) await sleep(20);
  try {
    await work();
  } finally {
    process.emit('SIGINT', 'SIGINT');
    await ended;
  }
}

const isCaptured = {
  exitCode: 4,
  message: expect.stringContaining('this run captures it already, under another name'),
};

describe.runIf(process.platform === 'linux')('a process is captured once at a time', () => {
  test('by its pid, or by the addresses of its inspector, however they are written', async () => {
    const port = await freePort();
    const { pid } = await service(process.execPath, [`--inspect-port=127.0.0.1:${port}`, '-e', NODE_SERVICE]);
    await whileCaptured(String(pid), 'A.heapsnapshot.gz', async () => {
      const address = await inspectorAt('127.0.0.1', port);
      for (const name of [String(pid), `http://127.0.0.1:${port}`, `http://localhost:${port}/`, address!])
        await expect(capture(name, '--dry-run'), name).rejects.toMatchObject(isCaptured);
    });
    expect(await capture(String(pid), '--dry-run')).toMatchObject({ leftOpen: null });
  });

  test('and recovers under every name of it', async () => {
    const { pid, said } = await service(process.execPath, ['--inspect=127.0.0.1:0', '-e', NODE_SERVICE]);
    await capture(String(pid), '--yes', '-o', newFolder());
    // The address of the service itself leads to its process, too.
    const { preFlight } = await capture(`http://127.0.0.1:${said}`, '--dry-run');
    expect(preFlight).toMatchObject({ pid, state: 'ask' });
    expect(preFlight.checks.map(({ name }) => name)).toContain('cool-down');
  });

  test.runIf(canIsolate)('by its pid on the machine, or as a container, seen from here or not', async () => {
    const web = await isolatedService([process.execPath, '-e', NODE_SERVICE]);
    children.push(web.child);
    const engine = async (pid: number): Promise<void> => {
      const socket = join(root, `engine-${++folders}.sock`);
      const facts = { id: 'c0'.repeat(32), name: 'web', service: web, limitBytes: 900e6, usageBytes: 100e6 };
      servers.push(await standInEngine(socket, [{ ...facts, pid }]));
      process.env['DOCKER_HOST'] = `unix://${socket}`;
    };
    await engine(web.hostPid);
    await whileCaptured('container:web', 'A.heapsnapshot.gz', async () => {
      await expect(capture(String(web.hostPid), '--dry-run')).rejects.toMatchObject(isCaptured);
      await expect(capture('container:c0c0c0', '--dry-run')).rejects.toMatchObject(isCaptured);
      await engine(0);
      await expect(capture('container:web', '--dry-run')).rejects.toMatchObject(isCaptured);
    });
  });
});

const hasGo = process.platform === 'linux' && spawnSync('go', ['version']).status === 0;
describe.runIf(hasGo)('a Go service is captured once at a time', () => {
  test('by its pid, or by the address of its pprof handler', async () => {
    const source = newFolder();
    mkdirSync(source);
    writeFileSync(join(source, 'go.mod'), 'module example/service\n\ngo 1.19\n');
    writeFileSync(
      join(source, 'main.go'),
      `package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
)

func main() {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	http.Serve(listener, nil)
}
`,
    );
    const program = join(source, 'service');
    const built = spawnSync('go', ['build', '-o', program], { cwd: source, encoding: 'utf8' });
    expect(built.status, built.stderr).toBe(0);
    const { pid, said } = await service(program, []);
    await whileCaptured(String(pid), 'A', async () => {
      for (const name of [`http://127.0.0.1:${said}`, `http://localhost:${said}/debug/pprof/`])
        await expect(capture(name, '--dry-run'), name).rejects.toMatchObject(isCaptured);
    });
  }, 120_000);
});
