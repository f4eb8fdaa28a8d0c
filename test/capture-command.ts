import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { capturedOutput } from '../src/cli/captured-output.ts';
import { captureCommand } from '../src/cli/commands/capture.ts';
import type { Context } from '../src/cli/context.ts';

/** What `stanch capture --json` prints, as far as tests look at it. */
export interface CaptureDocument {
  readonly preFlight: {
    readonly state: string;
    readonly runtime: string;
    readonly target: string;
    readonly pid: number | null;
    readonly checks: readonly { readonly name: string; readonly state: string; readonly says: string }[];
  };
  readonly moments: readonly {
    readonly files: readonly { readonly file: string; readonly kind: string }[];
  }[];
  readonly leftOpen: string | null;
}

export async function capture(...args: string[]): Promise<CaptureDocument> {
  const output = capturedOutput();
  const context: Context = { output, run: () => Promise.resolve(0), exitCode: 0 };
  await captureCommand(context).parseAsync([...args, '--json'], { from: 'user' });
  return JSON.parse(output.results()) as CaptureDocument;
}

/** Whether a program is there and does what it is asked. */
export function works(command: string, ...args: string[]): boolean {
  return process.platform === 'linux' && spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Ends services and waits until they have ended; none is left in the list. */
export async function endAll(children: ChildProcess[]): Promise<void> {
  for (const child of children.splice(0)) {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

export interface StartedService {
  readonly pid: number;
  /** The first thing that it printed. */
  readonly said: string;
  readonly child: ChildProcess;
}

/** Starts a program and waits until it has said something. */
export async function startService(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<StartedService> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { pid: child.pid!, said: said.toString().trim(), child };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Answers on a port that it prints, and holds some objects. */
export const NODE_SERVICE = `
  globalThis.kept = Array.from({ length: 500 }, (_, at) => ({ at: 'number ' + at }));
  require('http').createServer((_, response) => response.end('served')).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
