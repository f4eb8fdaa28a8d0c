import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { canIsolate, isolatedService } from '../../sources/containers/testing/isolated-service.ts';
import { listenersAround } from '../../sources/processes/listening-ports.ts';
import type { Door } from './door.ts';
import { closeInspector } from './node-inspector.ts';
import { openInspectorInside } from './node-inspector-inside.ts';
import { scout } from './scout.ts';
import { openTunnel } from './tunnel.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const USR1_BIT = 1n << 9n;

describe.runIf(canIsolate)('a service in a container that has only just started', () => {
  test('is waited for: Node.js has not set its handler of SIGUSR1 yet', async () => {
    const web = await isolatedService([
      process.execPath,
      '-e',
      `require('http').createServer().listen(8080, '127.0.0.1', () => console.log('up'))`,
    ]);
    children.push(web.child);
    // The way into the container shows the process for a while as it was before: without its handler.
    let early = 3;
    const door: Door = {
      name: 'container:young',
      way: 'docker exec young',
      bytesAConnection: 0,
      run(argv) {
        const [program, ...args] = web.enter(argv);
        const { status, stdout, stderr } = spawnSync(program!, args, { encoding: 'utf8' });
        const shown =
          argv[1] === '-e' && early-- > 0 ? stdout.replace(/SigCgt:\\t([0-9a-f]+)/g, unhandled) : stdout;
        return Promise.resolve({ code: status, stdout: shown, stderr, failure: null });
      },
      tunnel: (port) =>
        openTunnel(() => {
          const relay = `const s=require('net').connect(${port},'127.0.0.1');process.stdin.pipe(s).pipe(process.stdout);s.on('close',()=>process.exit())`;
          const [program, ...args] = web.enter([process.execPath, '-e', relay]);
          const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'ignore'] });
          child.stdin.on('error', () => undefined);
          const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
          stream.on('close', () => child.kill());
          return Promise.resolve(stream);
        }),
    };
    const seen = await scout(door);
    const service = seen.processes.find(({ pid }) => pid === 1)!;
    expect(service).toMatchObject({ usr1: 'default', runtime: 'node', loopbackPorts: [8080] });
    expect(service.ageSeconds).toBeLessThan(60);
    const young = { ...service, ageSeconds: 0.1 };
    const inspector = await openInspectorInside(door, young, seen.ports, new AbortController().signal);
    expect(inspector.openedByUs).toBe(true);
    expect(await closeInspector(inspector)).toBeNull();
    expect(listenersAround(web.hostPid).map(({ port }) => port)).toEqual([8080]);
    // One that is old enough is refused at once.
    early = 1;
    const old = { ...(await scout(door)).processes.find(({ pid }) => pid === 1)!, ageSeconds: 3600 };
    await expect(openInspectorInside(door, old, seen.ports, new AbortController().signal)).rejects.toThrow(
      'that signal would kill it',
    );
  }, 60_000);
});

function unhandled(_: string, mask: string): string {
  return `SigCgt:\\t${(BigInt(`0x${mask}`) & ~USR1_BIT).toString(16).padStart(16, '0')}`;
}
