import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addEvidence } from '../src/casework/add-evidence.ts';
import { newCase, readCase } from '../src/casework/case-folder.ts';
import { capturedOutput } from '../src/cli/captured-output.ts';
import { mitigateCommand } from '../src/cli/commands/mitigate.ts';
import type { Context } from '../src/cli/context.ts';
import type { MitigateDocument } from '../src/cli/mitigate/document.ts';
import type { TimelineRecord } from '../src/model/case.ts';
import { listProcesses } from '../src/sources/processes/process-list.ts';

/** Real servers for the tests of `stanch mitigate`, and the command as a user would run it. */
export interface Service {
  readonly url: string;
  /** The process that was started: the master, where there is one. */
  readonly pid: number;
  readonly said: () => string;
}

/** Everything of one test file: what it started ends with it. */
export class Bench {
  readonly root: string = mkdtempSync(join(tmpdir(), 'stanch-mitigate-'));
  private readonly children: ChildProcess[] = [];
  private files = 0;

  /** A new folder. */
  folder(): string {
    const path = join(this.root, String(++this.files));
    mkdirSync(path);
    return path;
  }

  /** A file of a new folder. */
  file(name: string, text: string): string {
    const path = join(this.folder(), name);
    writeFileSync(path, text);
    return path;
  }

  /** A process in a group of its own. */
  start(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): { child: ChildProcess; said: () => string } {
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.children.push(child);
    let text = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
    }
    return { child, said: () => text };
  }

  /** A service on a free port, when it answers and has so many workers. */
  async serve(
    command: string,
    argsFor: (port: number) => readonly string[],
    { workers, env = {} }: { workers: number; env?: NodeJS.ProcessEnv },
  ): Promise<Service> {
    const port = await freePort();
    const { child, said } = this.start(command, argsFor(port), { ...env, PORT: String(port) });
    const url = `http://127.0.0.1:${port}/`;
    await until(async () => (await answers(url)) && childrenOf(child.pid!).length >= workers, said);
    return { url, pid: child.pid!, said };
  }

  /**
   * Steady load by some clients, each with a connection a request, until it is stopped. A process of its own: this one stands still while it looks
   * at processes, and a client that connects and then says nothing is not what is to be measured.
   */
  load(url: string, clients: number): { stop: () => Promise<{ good: number; bad: string[] }> } {
    const { child, said } = this.start(process.execPath, ['-e', CLIENTS, url, String(clients)]);
    return {
      async stop() {
        child.kill('SIGTERM');
        await until(() => said().endsWith('\n'), said);
        return JSON.parse(said()) as { good: number; bad: string[] };
      },
    };
  }

  /** Ends what was started, whole groups, and removes the folders. */
  end(): void {
    for (const { pid } of this.children) {
      try {
        process.kill(-pid!, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    }
    rmSync(this.root, { recursive: true, force: true });
  }

  /** A case that holds a dump of a runtime, taken now, as the gates want one. */
  async caseWith(name: string, bytes: string | Uint8Array): Promise<string> {
    const folder = this.folder();
    await newCase(folder);
    const path = join(this.folder(), name);
    writeFileSync(path, bytes);
    await addEvidence(folder, [path]);
    return folder;
  }
}

const CLIENTS = `
const { get } = require('node:http');
const [, url, clients] = process.argv;
const bad = [];
let good = 0;
let running = true;
const one = (then) => get(url, { agent: false, signal: AbortSignal.timeout(15_000) }, (response) => {
  response.resume().on('end', () => { response.statusCode === 200 ? good++ : bad.push(String(response.statusCode)); then(); });
}).on('error', (error) => { bad.push(error.code); then(); });
let busy = Number(clients);
const next = () => running ? one(() => setTimeout(next, 20)) : --busy === 0 && console.log(JSON.stringify({ good, bad }));
for (let at = 0; at < Number(clients); at++) next();
process.on('SIGTERM', () => { running = false; });
`;

/** A heap dump of Ruby, small and whole. */
export const RUBY_DUMP = [
  '{"type":"ROOT","root":"vm","references":["0x7f0000000010"]}',
  '{"address":"0x7f0000000010","type":"OBJECT","class":"0x7f0000000020","memsize":40,"flags":{"wb_protected":true}}',
  '{"address":"0x7f0000000020","type":"CLASS","name":"Object","memsize":600,"flags":{"wb_protected":true}}',
  '',
].join('\n');

/** Runs the command and gives its document and exit code. */
export async function mitigate(...args: string[]): Promise<MitigateDocument & { exitCode: number }> {
  const { output, exitCode } = await run([...args, '--json']);
  return { ...(JSON.parse(output) as MitigateDocument), exitCode };
}

/** Runs the command and gives its text. */
export async function run(args: readonly string[]): Promise<{ output: string; exitCode: number }> {
  const output = capturedOutput();
  const context: Context = { output, run: () => Promise.resolve(0), exitCode: 0 };
  await mitigateCommand(context).parseAsync([...args], { from: 'user' });
  return { output: output.results(), exitCode: context.exitCode };
}

/** Gates that refuse, by name. */
export function refusals({ gates }: MitigateDocument): string[] {
  return gates.filter(({ state }) => state === 'refuse').map(({ name }) => name);
}

/** What a gate says. */
export function says({ gates }: MitigateDocument, name: string): string {
  return gates
    .filter((gate) => gate.name === name)
    .map((gate) => `${gate.says} ${gate.next ?? ''}`)
    .join(' ');
}

/** The acts on a case's timeline. */
export async function actsOf(folder: string): Promise<TimelineRecord[]> {
  const { timeline } = await readCase(folder);
  return timeline.records.filter(({ kind }) => kind === 'action');
}

/** Pids of processes that run now and were started by a process, dumps and zombies left out. */
export function childrenOf(pid: number): number[] {
  return listProcesses()
    .filter(({ ppid }) => ppid === pid)
    .map((each) => each.pid);
}

export function startOf(pid: number): number {
  return listProcesses().find((each) => each.pid === pid)!.startTicks;
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  said: () => string = () => '',
): Promise<void> {
  const deadline = performance.now() + 40_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`it did not come true: ${said()}`);
    await sleep(50);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether a program can be run; tests of what is absent report themselves as not run. */
export function has(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { headers: { connection: 'close' } }).then(
    (response) => response.ok,
    () => false,
  );
}
