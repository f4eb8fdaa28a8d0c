import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EXIT, StanchError, UsageError } from '../../base/errors.ts';

/** What shows the engine who asks, and the asker who answers: PEM files, null where there is none. */
export interface EngineKeys {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** False where the user's context says not to look at the engine's certificate. */
  readonly verify: boolean;
}

/** Where a container engine answers. */
export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly keys: EngineKeys | null };

const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

/**
 * The address of the engine, found as `docker` finds it: DOCKER_HOST (CONTAINER_HOST for podman), else the context that is in use
 * (DOCKER_CONTEXT, or `currentContext` of the user's config.json), else the usual places of Docker and podman, also without root. Null
 * when there is none.
 *
 * @throws UsageError when what is named cannot be spoken to
 */
export function engineAddress(env: NodeJS.ProcessEnv = process.env): EngineAddress | null {
  const config = env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
  for (const name of ['DOCKER_HOST', 'CONTAINER_HOST'])
    if (env[name]) return addressIn(`${name}=${env[name]}`, env[name], keysOfEnvironment(env, config));
  const context = env['DOCKER_CONTEXT'] || currentContext(config);
  if (context !== null && context !== 'default') return contextAddress(context, config);
  const runtime = env['XDG_RUNTIME_DIR'];
  const usual = [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [`${runtime}/docker.sock`, `${runtime}/podman/podman.sock`]),
    '/run/podman/podman.sock',
  ];
  const socketPath = usual.find((path) => existsSync(path));
  return socketPath === undefined ? null : { socketPath };
}

/** @throws StanchError, exit code 4, where there is none */
export function requireEngine(): EngineAddress {
  const address = engineAddress();
  if (address !== null) return address;
  throw new StanchError('no container engine was found on this machine', {
    code: 'engine-unreachable',
    exitCode: EXIT.unreachable,
    hint: 'DOCKER_HOST=unix:///path names its socket; podman: systemctl start podman.socket',
  });
}

/** For messages: `/var/run/docker.sock`, `10.0.0.1:2375`. */
export function addressText(address: EngineAddress): string {
  return 'socketPath' in address ? address.socketPath : `${address.host}:${address.port}`;
}

function addressIn(told: string, address: string, keys: EngineKeys | null): EngineAddress {
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length) };
  const web = /^(?:tcp|https?):\/\/./.test(address) ? address.replace(/^tcp:/, 'http:') : '';
  const url = URL.canParse(web) ? new URL(web) : null;
  if (url === null)
    throw new UsageError(
      `${told}: only unix:// and tcp:// are spoken to`,
      'run stanch on that machine, or forward its socket and name it: ssh -nNT -L "$PWD/docker.sock":/var/run/docker.sock HOST; DOCKER_HOST=unix://$PWD/docker.sock',
    );
  const port = url.port === '' ? (keys === null ? PLAIN_PORT : TLS_PORT) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, keys };
}

function keysOfEnvironment(env: NodeJS.ProcessEnv, config: string): EngineKeys | null {
  return env['DOCKER_TLS_VERIFY'] ? keysIn(env['DOCKER_CERT_PATH'] || config, true) : null;
}

function keysIn(folder: string, verify: boolean): EngineKeys {
  const pem = (name: string): string | null => textOf(join(folder, name));
  return { ca: pem('ca.pem'), cert: pem('cert.pem'), key: pem('key.pem'), verify };
}

/** A context is kept in a folder named by the SHA-256 of its name. */
function contextAddress(name: string, config: string): EngineAddress {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = jsonIn(join(config, 'contexts', 'meta', id, 'meta.json')) as {
    Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
  } | null;
  const { Host, SkipTLSVerify } = meta?.Endpoints?.docker ?? {};
  if (Host === undefined)
    throw new UsageError(
      `the Docker context '${name}' is in use and cannot be read`,
      'docker context ls lists those that are there; DOCKER_HOST=unix:///path names a socket instead',
    );
  const tls = join(config, 'contexts', 'tls', id, 'docker');
  return addressIn(
    `the Docker context '${name}' (${Host})`,
    Host,
    existsSync(tls) ? keysIn(tls, SkipTLSVerify !== true) : null,
  );
}

function currentContext(config: string): string | null {
  const { currentContext: name } = (jsonIn(join(config, 'config.json')) ?? {}) as {
    currentContext?: unknown;
  };
  return typeof name === 'string' && name !== '' ? name : null;
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    return null;
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
