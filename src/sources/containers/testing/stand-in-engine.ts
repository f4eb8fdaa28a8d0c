import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { IsolatedService } from './isolated-service.ts';

/** A container as the stand-in tells of it. */
export interface StandInContainer {
  readonly id: string;
  readonly name: string;
  readonly service: IsolatedService | null;
  /** What the engine says the pid is: 0 for one of another machine. */
  readonly pid: number;
  readonly limitBytes: number;
  readonly usageBytes: number;
}

/**
 * Answers on a unix socket in the shapes of the Docker Engine API 1.41, as podman 4.3 was seen to, and really runs what is asked for
 * beside the service. An outside system stood in for: Docker itself is not needed for the tests.
 */
export async function standInEngine(
  socketPath: string,
  containers: readonly StandInContainer[],
): Promise<Server> {
  const execs = new Map<
    string,
    { argv: readonly string[]; container: StandInContainer; code: number | null }
  >();
  const find = (name: string): StandInContainer | undefined =>
    containers.find((each) => each.name === name || each.id.startsWith(name));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://engine');
    const [, name, what] = /^\/v1\.41\/containers\/([^/]+)\/(json|stats|exec)$/.exec(pathname) ?? [];
    const answer = (value: unknown, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (pathname === '/v1.41/containers/json')
      return answer(
        containers.map(({ id, name: each }) => ({ Id: id, Names: [`/${each}`], State: 'running' })),
      );
    const exec = /^\/v1\.41\/exec\/([^/]+)\/json$/.exec(pathname)?.[1];
    if (exec !== undefined) return answer({ ID: exec, ExitCode: execs.get(exec)?.code ?? null });
    const container = name === undefined ? undefined : find(decodeURIComponent(name));
    if (!container) return answer({ message: `no such container: ${name}` }, 404);
    if (what === 'json')
      return answer({
        Id: container.id,
        Name: `/${container.name}`,
        RestartCount: 0,
        State: { Pid: container.pid, StartedAt: '2024-01-21T00:00:00Z', OOMKilled: false },
        Config: { Image: 'example/service:1', Labels: {} },
        HostConfig: { Memory: container.limitBytes },
      });
    if (what === 'stats')
      return answer({
        memory_stats: {
          usage: container.usageBytes,
          limit: container.limitBytes,
          stats: { inactive_file: 1000 },
        },
      });
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const id = String(execs.size + 1);
      execs.set(id, { argv: (JSON.parse(body) as { Cmd: string[] }).Cmd, container, code: null });
      answer({ Id: id }, 201);
    });
  });
  server.on('upgrade', (request, socket) => {
    const exec = execs.get(/^\/v1\.41\/exec\/([^/]+)\/start$/.exec(request.url!)?.[1] ?? '');
    if (!exec?.container.service) return socket.destroy();
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    const [program, ...args] = exec.container.service.enter(exec.argv);
    const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const framed = (kind: number) => (chunk: Buffer) => {
      const head = Buffer.alloc(8);
      head[0] = kind;
      head.writeUInt32BE(chunk.length, 4);
      if (!socket.destroyed) socket.write(Buffer.concat([head, chunk]));
    };
    child.stdout.on('data', framed(1));
    child.stderr.on('data', framed(2));
    child.stdin.on('error', () => undefined);
    socket.on('error', () => child.kill());
    socket.on('close', () => child.kill());
    socket.pipe(child.stdin);
    child.on('close', (code) => {
      exec.code = code;
      socket.end();
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return server;
}
