import { statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, StanchError, UsageError } from '../../base/errors.ts';
import { memoryRoom } from '../../sources/processes/memory-limit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import { heaviestWorker } from '../../sources/processes/process-tree.ts';
import { CaptureError } from '../capture-error.ts';
import { type EvidenceFile, refuseExisting, takeOver } from '../probes/evidence-file.ts';
import { captureRubyDump, rubyAgentStatus } from '../ruby-agent.ts';
import { type Check, diskCheck, memoryCheck, pauseCheck } from './pre-flight.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

// A forked child that writes the dump copied no page of 325 MB; the rest is room for the service itself. As the agent asks for.
const SHARE_OF_RSS = 0.25;
const LEAST_BYTES = 64e6;
const DISK_TIMES_RSS = 2.4;
const FORK_MS_PER_BYTE = 0.05 / 1e6;
const SMALL_PAUSE_MS = 5;

/** A master is no target: says which worker to take instead. */
export function refuseMaster(facts: ProcessFacts): void {
  if (!facts.master) return;
  const worker = heaviestWorker(facts, listProcesses());
  throw new StanchError(
    `process ${facts.pid} is the ${facts.role}: it serves nothing, and signals to it restart the service`,
    {
      code: 'capture-master',
      exitCode: EXIT.usage,
      hint: worker
        ? `take its heaviest worker: stanch capture ${worker.pid}  (${worker.role})`
        : 'it has no workers now',
    },
  );
}

/** Prepares a Ruby process that has Stanch's agent in it. */
export async function prepareRubyProcess(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  const { pid, agent, pidInside } = facts;
  if (wish.kind !== undefined && wish.kind !== 'heap' && wish.kind !== 'all') {
    throw new UsageError(`--kind ${wish.kind}: Ruby has heap dumps only (--kind heap)`);
  }
  refuseMaster(facts);
  if (!agent) {
    throw new CaptureError(
      `process ${pid}`,
      'find',
      'there is no Stanch agent in it, and a debugger would endanger it',
      {
        hint: "add `require 'stanch_agent'; StanchAgent.start` to config/initializers/stanch.rb (docs/agents/ruby.md)",
      },
    );
  }
  if (pidInside !== pid) {
    throw new CaptureError(
      `process ${pid}`,
      'connect',
      `it is in a container, where its pid is ${pidInside}`,
      {
        hint: 'run stanch capture within the container (docker exec, kubectl exec), or use the endpoint of the agent',
      },
    );
  }
  const room = memoryRoom(pid);
  const needBytes = facts.rssBytes * SHARE_OF_RSS + LEAST_BYTES;
  const diskBytes = facts.rssBytes * DISK_TIMES_RSS;
  const pauseMs = SMALL_PAUSE_MS + facts.rssBytes * FORK_MS_PER_BYTE;
  const status = await rubyAgentStatus(pid, agent.folder);
  const checks: Check[] = [
    { name: 'role', state: 'ok', says: `${facts.role}; the agent calls it ${agent.role}` },
    agent.signal === null
      ? {
          name: 'signal',
          state: 'refused',
          says: 'its server uses every signal that the agent could take',
          hint: 'mount StanchAgent::Middleware and give the address of the service',
        }
      : { name: 'signal', state: 'ok', says: `SIG${agent.signal}, which is the agent's. No ptrace.` },
    coolDownCheck(agent.coolDownLeftSeconds, status?.last?.state ?? null),
    memoryCheck(
      {
        mostBytes: needBytes,
        leastBytes: needBytes,
        why: 'a forked child shares what it reads; a quarter of RSS is kept free for the service',
        instead: 'restart the other workers first, or raise the limit',
      },
      room,
    ),
    pauseCheck(pauseMs, '0.05 ms for each MB to fork; a child writes the dump'),
    await diskCheck(wish.disk, diskBytes * wish.count, '2.4 × RSS, each'),
    await diskCheck(agent.folder, diskBytes, "in the agent's folder, for a while"),
  ];
  return {
    preFlight: {
      target: `process ${pid}`,
      runtime: 'ruby',
      role: facts.role,
      pid,
      kinds: ['heap'],
      checks,
      extraMemoryBytes: needBytes,
      pauseMs,
      diskBytes: diskBytes * wish.count,
    },
    async capture({ label, folder, signal }) {
      const started = performance.now();
      const dump = await captureRubyDump({ pid, folder: agent.folder, signal });
      const elapsedMs = performance.now() - started;
      const ending = dump.endsWith('.gz') ? '.json.gz' : '.json';
      const file = join(folder, `${label}${ending}`);
      await refuseExisting(file);
      const names = dump.replace(/\.json(\.gz)?$/, '.names.jsonl');
      const files: EvidenceFile[] = [];
      // Names first: a dump without them would look complete.
      if (statSync(names, { throwIfNoEntry: false })) {
        const to = join(folder, `${label}.names.jsonl`);
        files.push({ file: to, kind: 'names', ...(await takeOver(names, to)), elapsedMs: 0 });
      }
      files.unshift({ file, kind: 'heap', ...(await takeOver(dump, file)), elapsedMs });
      return files;
    },
    close: () => Promise.resolve(null),
  };
}

/** What its status file says is of the time when it was written; the agent itself decides. */
function coolDownCheck(leftSeconds: number, last: string | null): Check {
  const says = last === null ? 'its first dump' : `its last dump: ${last}`;
  return {
    name: 'agent',
    state: 'ok',
    says: leftSeconds > 0 ? `${says}; it cools down ${Math.ceil(leftSeconds)} s after each` : says,
  };
}
