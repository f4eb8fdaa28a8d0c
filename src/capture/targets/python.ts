import { join } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { formatBytes } from '../../base/units.ts';
import { listenersOf, sharesNetwork } from '../../sources/processes/listening-ports.ts';
import { memoryRoom } from '../../sources/processes/memory-limit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { refuseExisting } from '../probes/evidence-file.ts';
import { capturePythonDump } from '../python-agent.ts';
import { type DumpWay, fetchDump, wayChecks } from './agent-address.ts';
import {
  PYTHON_DISK_SHARE_OF_RSS,
  PYTHON_LEAST_BYTES,
  PYTHON_LEAST_SHARE_OF_RSS,
  PYTHON_MOST_SHARE_OF_RSS,
} from './dump-costs.ts';
import { type Check, diskCheck, memoryCheck, pauseCheck } from './pre-flight.ts';
import { preparePythonGuest } from './python-guest.ts';
import { preparePythonSignal } from './python-signal.ts';
import { refuseMaster } from './ruby.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

const ASK_TIMEOUT_MS = 5000;

/** The answer of the agent's status that is used here (`docs/agents/python.md`). */
interface Status {
  readonly pid: number;
  /** Whether dumps are handed out over HTTP; absent in agents that cannot. */
  readonly download?: boolean;
  readonly rssBytes: number | null;
  readonly refused?: string;
  readonly plan?: {
    readonly mode: string;
    readonly memoryBytes: number;
    readonly headroomBytes: number | null;
    readonly pauseEstimateMs: number;
  };
}

/** Prepares a Python process of this machine: by its agent where that answers, else by what is brought in. */
export async function preparePythonProcess(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  refuseMaster(facts);
  refuseKind(wish);
  const { token } = wish;
  for (const { port } of token && sharesNetwork(facts.pid) ? (listenersOf(facts.pid) ?? []) : []) {
    const url = `http://127.0.0.1:${port}`;
    const status = await pythonAgentAt(url, token!, wish.signal).catch(() => null);
    wish.signal.throwIfAborted();
    // Workers share a port: whoever answers may be a sibling.
    if (status?.pid === facts.pidInside) return preparePythonAgent(url, token!, status, facts, wish);
  }
  return facts.agent?.signal ? preparePythonSignal(facts, wish) : preparePythonGuest(facts, wish);
}

function refuseKind({ kind }: CaptureWish): void {
  if (kind === undefined || kind === 'heap' || kind === 'all') return;
  throw new UsageError(`--kind ${kind}: Python has object graphs only (--kind heap)`);
}

/** What an agent says of itself; null when none is there, or the token is wrong: both look the same. */
export async function pythonAgentAt(url: string, token: string, signal: AbortSignal): Promise<Status | null> {
  const response = await fetch(new URL('/.stanch/status', url), {
    headers: { authorization: `Bearer ${token}`, connection: 'close' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]),
    redirect: 'error',
  });
  if (!response.ok) return null;
  const status = (await response.json().catch(() => null)) as Partial<Status> | null;
  return typeof status?.pid === 'number' && 'python' in status ? (status as Status) : null;
}

/** Prepares a Python service by the address of its agent. */
export async function preparePythonAgent(
  url: string,
  token: string,
  status: Status,
  facts: ProcessFacts | null,
  wish: CaptureWish,
): Promise<PreparedTarget> {
  refuseKind(wish);
  const rss = status.rssBytes ?? facts?.rssBytes ?? 0;
  const { plan } = status;
  const mostBytes = plan?.memoryBytes ?? rss * PYTHON_MOST_SHARE_OF_RSS + PYTHON_LEAST_BYTES;
  const pauseMs = plan?.pauseEstimateMs ?? 10;
  const diskBytes = rss * PYTHON_DISK_SHARE_OF_RSS * wish.count;
  const way: DumpWay = { facts, door: { url, token, signal: wish.signal }, filePath: '/.stanch/file' };
  const checks: Check[] = [
    ...wayChecks(way, status.download === true),
    status.refused === undefined
      ? {
          name: 'agent',
          state: 'ok',
          says: `would write it ${plan?.mode === 'fork' ? 'from a forked child' : 'within the process'}`,
        }
      : {
          name: 'agent',
          state: 'refused',
          says: `the agent refuses: ${status.refused}`,
          hint: 'make room first',
        },
    facts
      ? memoryCheck(
          {
            mostBytes,
            leastBytes: rss * PYTHON_LEAST_SHARE_OF_RSS,
            why: `a forked child copies 50 to 80 % of ${formatBytes(rss)}`,
            instead: 'raise the limit, or take a fresh worker after some requests',
          },
          memoryRoom(facts.pid),
        )
      : agentMemoryCheck(mostBytes, plan?.headroomBytes ?? null),
    pauseCheck(
      pauseMs,
      plan?.mode === 'process' ? 'written within the process, in turns' : 'stacks and fork',
    ),
    await diskCheck(wish.disk, diskBytes, '0.6 × RSS, each'),
  ];
  return {
    preFlight: {
      target: facts ? `process ${facts.pid}` : url,
      runtime: 'python',
      role: facts?.role ?? 'python',
      pid: facts?.pid ?? null,
      kinds: ['heap'],
      checks,
      extraMemoryBytes: mostBytes,
      pauseMs,
      diskBytes,
    },
    async capture({ label, folder, signal }) {
      const file = join(folder, `${label}.pygc`);
      await refuseExisting(file);
      const started = performance.now();
      const { file: path } = await capturePythonDump({ url, token, pid: status.pid, signal });
      const elapsedMs = performance.now() - started;
      const door = { ...way.door, signal };
      const foundFolder = facts ? `/proc/${facts.pid}/root/` : '/';
      const written = await fetchDump({ ...way, door }, { path, foundFolder }, file);
      return [{ file, kind: 'heap', ...written, elapsedMs }];
    },
    close: () => Promise.resolve(null),
  };
}

/** The agent has looked at its own limit: what it says is as good as a look from outside. */
function agentMemoryCheck(mostBytes: number, headroomBytes: number | null): Check {
  const room =
    headroomBytes === null
      ? null
      : { limitBytes: null, usedBytes: null, cgroup: null, machineFreeBytes: headroomBytes, headroomBytes };
  return memoryCheck(
    { mostBytes, leastBytes: mostBytes, why: 'as its agent reckons', instead: 'raise the limit' },
    room,
  );
}
