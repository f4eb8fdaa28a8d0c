import { existsSync } from 'node:fs';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { EXIT, StanchError, UsageError } from '../../base/errors.ts';

/** A container engine that answers on a unix socket of this machine. */
export interface Engine {
  readonly socketPath: string;
  readonly signal?: AbortSignal | undefined;
}

/** An engine that hangs must not hang us. */
const TIMEOUT_MS = 10_000;
const MOST_ANSWER_BYTES = 64 << 20;
/** Understood by Docker since 20.10 and by podman since 4.0. */
const VERSION = '/v1.41';

/**
 * The socket of the engine: DOCKER_HOST when it names one, else the usual places of Docker and podman, also without root. Null when there
 * is none.
 *
 * @throws UsageError when DOCKER_HOST names no unix socket
 */
export function engineSocket(env: NodeJS.ProcessEnv = process.env): string | null {
  const told = env['DOCKER_HOST'] ?? env['CONTAINER_HOST'];
  if (told !== undefined && told !== '') {
    if (told.startsWith('unix://')) return told.slice('unix://'.length);
    throw new UsageError(
      `DOCKER_HOST=${told}: only unix sockets are spoken to`,
      'run stanch on that machine, or forward its socket: ssh -L /tmp/docker.sock:/var/run/docker.sock HOST',
    );
  }
  const runtime = env['XDG_RUNTIME_DIR'];
  const usual = [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [`${runtime}/docker.sock`, `${runtime}/podman/podman.sock`]),
    '/run/podman/podman.sock',
  ];
  return usual.find((path) => existsSync(path)) ?? null;
}

/** An answer that says no. */
export class EngineError extends StanchError {
  readonly status: number;

  constructor(what: string, status: number, message: string) {
    super(`container engine: ${what}: ${message}`, { code: 'engine', exitCode: EXIT.unreachable });
    this.status = status;
  }
}

/** Asks for JSON. @throws StanchError with the reason and what would allow it */
export async function engineGet(engine: Engine, path: string): Promise<unknown> {
  return JSON.parse((await ask(engine, 'GET', path)).toString('utf8')) as unknown;
}

/** Sends JSON and gives what is answered, null without a body. */
export async function enginePost(engine: Engine, path: string, body: object): Promise<unknown> {
  const text = (await ask(engine, 'POST', path, body)).toString('utf8').trim();
  return text === '' ? null : (JSON.parse(text) as unknown);
}

/** Sends JSON and takes the connection over: what follows are the streams of a program. */
export function engineHijack(engine: Engine, path: string, body: object): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const asked = request({
      ...to(engine, path, 'POST'),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        connection: 'Upgrade',
        upgrade: 'tcp',
      },
    });
    const impatient = setTimeout(
      () => asked.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)),
      TIMEOUT_MS,
    );
    const settle = (): void => clearTimeout(impatient);
    asked.on('upgrade', (_response, socket, head) => {
      settle();
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asked.on('response', (response) => {
      settle();
      response.resume();
      reject(new EngineError(path, response.statusCode ?? 0, `it answered ${response.statusCode}`));
    });
    asked.on('error', (error) => {
      settle();
      reject(unreachable(engine, error));
    });
    asked.end(text);
  });
}

function to(engine: Engine, path: string, method: string): object {
  return {
    socketPath: engine.socketPath,
    path: `${VERSION}${path}`,
    method,
    host: 'localhost',
    agent: false,
    ...(engine.signal ? { signal: engine.signal } : {}),
  };
}

function ask(engine: Engine, method: string, path: string, body?: object): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? null : JSON.stringify(body);
    const asked = request({
      ...to(engine, path, method),
      headers:
        text === null
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
    });
    // For the whole answer, not for a pause in it: an engine that drips must not hang us either.
    const impatient = setTimeout(
      () => asked.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)),
      TIMEOUT_MS,
    );
    const fail = (error: Error): void => {
      clearTimeout(impatient);
      reject(unreachable(engine, error));
    };
    asked.on('error', fail);
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MOST_ANSWER_BYTES) asked.destroy(new Error('its answer does not end'));
      });
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(impatient);
        const all = Buffer.concat(chunks);
        const { statusCode = 0 } = response;
        if (statusCode < 300) resolve(all);
        else reject(new EngineError(path, statusCode, messageIn(all) ?? `it answered ${statusCode}`));
      });
    });
    asked.end(text ?? undefined);
  });
}

function messageIn(answer: Buffer): string | null {
  try {
    const { message } = JSON.parse(answer.toString('utf8')) as { message?: unknown };
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}

function unreachable({ socketPath, signal }: Engine, cause: Error): Error {
  if (signal?.aborted) return signal.reason as Error;
  const { code } = cause as NodeJS.ErrnoException;
  return new StanchError(
    `the container engine at ${socketPath} cannot be asked: ${code === 'EACCES' ? 'no permission' : cause.message}`,
    {
      code: 'engine-unreachable',
      exitCode: EXIT.unreachable,
      hint:
        code === 'EACCES'
          ? 'run stanch as root, or as a member of the group docker'
          : 'is it running? DOCKER_HOST=unix:///path names another socket',
      cause,
    },
  );
}
