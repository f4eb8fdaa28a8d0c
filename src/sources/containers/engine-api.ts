import { type ClientRequest, request } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { Duplex } from 'node:stream';
import { EXIT, StanchError } from '../../base/errors.ts';
import { addressText, type EngineAddress } from './engine-address.ts';

/** A container engine that answers. */
export type Engine = EngineAddress & { readonly signal?: AbortSignal | undefined };

/** An engine that hangs must not hang us. */
const TIMEOUT_MS = 10_000;
const MOST_ANSWER_BYTES = 64 << 20;
/** Spoken where the engine takes it: Docker 20.10 to 28, podman since 4.0. Docker 29 takes nothing below 1.44. */
const VERSION = '1.41';

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
  return json(engine, await ask(engine, 'GET', await versioned(engine, path)));
}

/** Sends JSON and gives what is answered, null without a body. */
export async function enginePost(engine: Engine, path: string, body: object): Promise<unknown> {
  const answer = await ask(engine, 'POST', await versioned(engine, path), body);
  return answer.toString('utf8').trim() === '' ? null : json(engine, answer);
}

function json(engine: Engine, answer: Buffer): unknown {
  try {
    return JSON.parse(answer.toString('utf8')) as unknown;
  } catch {
    throw unreachable(engine, new Error('what answers there is no container engine'));
  }
}

/** Sends JSON and takes the connection over: what follows are the streams of a program. */
export async function engineHijack(engine: Engine, path: string, body: object): Promise<Duplex> {
  const there = await versioned(engine, path);
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const asked = to(engine, there, 'POST', {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      connection: 'Upgrade',
      upgrade: 'tcp',
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

const spoken = new WeakMap<Engine, Promise<string>>();

/** The path with the version that both sides understand; each engine is asked once. */
async function versioned(engine: Engine, path: string): Promise<string> {
  let version = spoken.get(engine);
  if (version === undefined) {
    version = versionOf(engine);
    spoken.set(engine, version);
    version.catch(() => spoken.delete(engine));
  }
  return `/v${await version}${path}`;
}

/** Ours, or the nearest to it that the engine takes. One that does not tell gets ours: it will say what it thinks of it. */
async function versionOf(engine: Engine): Promise<string> {
  const answer = await ask(engine, 'GET', '/version').catch((error: unknown) => {
    if (error instanceof EngineError) return null;
    throw error;
  });
  const { ApiVersion: most, MinAPIVersion: least } = versionsIn(answer);
  if (isVersion(least) && isBelow(VERSION, least)) return least;
  return isVersion(most) && isBelow(most, VERSION) ? most : VERSION;
}

function versionsIn(answer: Buffer | null): { ApiVersion?: unknown; MinAPIVersion?: unknown } {
  try {
    return (JSON.parse(answer?.toString('utf8') ?? '') ?? {}) as object;
  } catch {
    return {};
  }
}

function isVersion(value: unknown): value is string {
  return typeof value === 'string' && /^\d+\.\d+$/.test(value);
}

function isBelow(a: string, b: string): boolean {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor === bMajor ? aMinor < bMinor : aMajor < bMajor;
}

function to(
  engine: Engine,
  path: string,
  method: string,
  headers: Record<string, string | number>,
): ClientRequest {
  const options = {
    path,
    method,
    headers,
    agent: false,
    ...(engine.signal ? { signal: engine.signal } : {}),
  };
  if ('socketPath' in engine)
    return request({ ...options, socketPath: engine.socketPath, host: 'localhost' });
  const { host, port, keys } = engine;
  if (keys === null) return request({ ...options, host, port });
  const { ca, cert, key, verify } = keys;
  const pem = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return requestOverTls({ ...options, host, port, ...pem, rejectUnauthorized: verify });
}

function ask(engine: Engine, method: string, path: string, body?: object): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? null : JSON.stringify(body);
    const asked = to(
      engine,
      path,
      method,
      text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
    );
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
        else
          reject(
            new EngineError(
              path.replace(/^\/v[\d.]+/, ''),
              statusCode,
              messageIn(all) ?? `it answered ${statusCode}`,
            ),
          );
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

function unreachable(engine: Engine, cause: Error): Error {
  if (engine.signal?.aborted) return engine.signal.reason as Error;
  const { code } = cause as NodeJS.ErrnoException;
  return new StanchError(
    `the container engine at ${addressText(engine)} cannot be asked: ${code === 'EACCES' ? 'no permission' : cause.message}`,
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
