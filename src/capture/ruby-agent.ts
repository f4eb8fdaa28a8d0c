import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureError } from './capture-error.ts';
import { dumpBySignal } from './signal-agent.ts';

/** What the Ruby agent of a process says of itself in its status file (`docs/agents/ruby.md`). */
export interface RubyAgentStatus {
  readonly pid: number;
  readonly ppid: number;
  readonly role: string;
  /** Name without SIG; null when every signal that it may use is taken. */
  readonly signal: string | null;
  readonly state: string;
  readonly handled: number;
  readonly rss: number | null;
  readonly coolDownLeft: number;
  readonly cost: {
    readonly forkMs: number;
    readonly dumpBytes: number;
    readonly childSeconds: number;
  } | null;
  readonly last: {
    readonly id?: string;
    readonly state: string;
    readonly reason?: string;
    readonly path?: string;
  } | null;
}

/** Which process is asked, and how it shall dump. */
export interface RubyDumpOptions {
  readonly pid: number;
  /** Its pid as itself sees it, where that is another one: within a container. */
  readonly pidInside?: number;
  /** The agent's private folder; its default when absent. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Leave the contents of strings out. */
  readonly values?: boolean;
  readonly gz?: boolean;
}

const TIMEOUT_MS = 300_000;

/** Where the agent of this user's processes keeps its files unless told otherwise. */
function rubyAgentFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['STANCH_DIR'] ?? join(tmpdir(), `stanch-${process.getuid?.() ?? 0}`);
}

/** The status that the agent of a process wrote; null when it has none. */
export async function rubyAgentStatus(pid: number, folder: string): Promise<RubyAgentStatus | null> {
  try {
    return JSON.parse(await readFile(join(folder, `stanch-${pid}.status.json`), 'utf8')) as RubyAgentStatus;
  } catch {
    return null;
  }
}

/**
 * Has the agent in a Ruby process write a heap dump from a forked child: the process itself stops only for the fork (some
 * 0.05 ms a MB). Returns the path of the dump; the names file lies beside it.
 *
 * @throws CaptureError when the process has no agent, its agent refuses (with the reason), or no dump comes in time
 * @example
 * import { captureRubyDump } from 'stanch';
 *
 * const pid = Number(process.env.WORKER_PID);
 * if (pid > 0) process.stdout.write(`${await captureRubyDump({ pid })}\n`);
 */
export async function captureRubyDump(options: RubyDumpOptions): Promise<string> {
  const { pid, timeoutMs = TIMEOUT_MS } = options;
  const folder = options.folder ?? rubyAgentFolder();
  const target = `process ${pid}`;
  const status = await rubyAgentStatus(options.pidInside ?? pid, folder);
  if (!status) {
    throw new CaptureError(target, 'find', `no Stanch agent has written a status into ${folder}`, {
      hint: "add `require 'stanch_agent'; StanchAgent.start` to the service (docs/agents/ruby.md)",
    });
  }
  if (/master/.test(status.role)) {
    throw new CaptureError(target, 'find', `it is the ${status.role}, which serves nothing`, {
      hint: 'take the dump from one of its workers',
    });
  }
  if (status.signal === null) {
    throw new CaptureError(target, 'connect', 'its server uses every signal that the agent could take', {
      hint: 'ask over the endpoint instead: POST /__stanch/dump',
    });
  }
  return dumpBySignal({ ...options, folder, signalName: status.signal, timeoutMs });
}
