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
  readonly state?: string;
}

/** Versions of its API; what is asked in another one it refuses, as Docker does. */
export interface StandInVersions {
  readonly least: string;
  readonly most: string;
}

/**
 * Answers on a unix socket, or a port of 127.0.0.1, in the shapes of the Docker Engine API 1.41, as Docker 20.10 and podman 4.3 were seen
 * to, and really runs what is asked for beside the service. An outside system stood in for: Docker itself is not needed for the tests.
 */
export async function standInEngine(
  where: string | number,
  containers: readonly StandInContainer[],
  { least, most }: StandInVersions = { least: '1.12', most: '1.41' },
): Promise<Server> {
  const execs = new Map<
    string,
    { argv: readonly string[]; container: StandInContainer; code: number | null }
  >();
  const find = (name: string): StandInContainer | undefined =>
    containers.find((each) => each.name === name || each.id.startsWith(name));
  const server = createServer((request, response) => {
    const { pathname: path } = new URL(request.url!, 'http://engine');
    const [, version, pathname = path] = /^\/v(1\.\d+)(\/.*)$/.exec(path) ?? [];
    const [, name, what] = /^\/containers\/([^/]+)\/(json|stats|exec)$/.exec(pathname) ?? [];
    const answer = (value: unknown, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (pathname === '/version') return answer({ ApiVersion: most, MinAPIVersion: least });
    const minor = (text: string): number => Number(text.split('.')[1]);
    if (version === undefined || minor(version) < minor(least))
      return answer(
        { message: `client version ${version} is too old. Minimum supported API version is ${least}` },
        400,
      );
    if (minor(version) > minor(most))
      return answer(
        { message: `client version ${version} is too new. Maximum supported API version is ${most}` },
        400,
      );
    if (pathname === '/containers/json')
      return answer(
        containers.map(({ id, name: each }) => ({ Id: id, Names: [`/${each}`], State: 'running' })),
      );
    const exec = /^\/exec\/([^/]+)\/json$/.exec(pathname)?.[1];
    if (exec !== undefined) return answer({ ID: exec, ExitCode: execs.get(exec)?.code ?? null });
    const container = name === undefined ? undefined : find(decodeURIComponent(name));
    if (!container) return answer({ message: `no such container: ${name}` }, 404);
    if (what === 'json')
      return answer({
        Id: container.id,
        Name: `/${container.name}`,
        RestartCount: 0,
        State: {
          Status: container.state ?? 'running',
          Pid: container.pid,
          ExitCode: container.state === 'exited' ? 137 : 0,
          StartedAt: '2024-01-21T00:00:00Z',
          OOMKilled: false,
        },
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
    const exec = execs.get(/^\/v1\.\d+\/exec\/([^/]+)\/start$/.exec(request.url!)?.[1] ?? '');
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
  if (typeof where === 'number') server.listen(where, '127.0.0.1');
  else server.listen(where);
  await once(server, 'listening');
  return server;
}
