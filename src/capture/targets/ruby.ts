import { statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, StanchError, UsageError } from '../../base/errors.ts';
import { memoryRoom } from '../../sources/processes/memory-limit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { listProcesses } from '../../sources/processes/process-list.ts';
import { heaviestWorker } from '../../sources/processes/process-tree.ts';
import { type EvidenceFile, refuseExisting, takeOver } from '../probes/evidence-file.ts';
import { seenFromHere } from '../probes/guest-folder.ts';
import { captureRubyDump, rubyAgentStatus } from '../ruby-agent.ts';
import { FORK_MS_PER_BYTE, RUBY_DISK_TIMES_RSS, RUBY_LEAST_BYTES, RUBY_SHARE_OF_RSS } from './dump-costs.ts';
import { dumpPreFlight } from './dump-target.ts';
import { type Check, diskCheck, memoryCheck, pauseCheck } from './pre-flight.ts';
import { prepareRubyGuest } from './ruby-guest.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

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

/** @throws UsageError for what Ruby does not have */
export function refuseRubyKind({ kind }: CaptureWish): void {
  if (kind === undefined || kind === 'heap' || kind === 'all') return;
  throw new UsageError(`--kind ${kind}: Ruby has heap dumps only (--kind heap)`);
}

/** Prepares a Ruby process: by Stanch's agent where it is loaded, else by what is brought in. */
export async function prepareRubyProcess(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  const { pid, agent, pidInside } = facts;
  refuseRubyKind(wish);
  refuseMaster(facts);
  if (!agent) return prepareRubyGuest(facts, wish);
  const room = memoryRoom(pid);
  const needBytes = facts.rssBytes * RUBY_SHARE_OF_RSS + RUBY_LEAST_BYTES;
  const diskBytes = facts.rssBytes * RUBY_DISK_TIMES_RSS;
  const pauseMs = SMALL_PAUSE_MS + facts.rssBytes * FORK_MS_PER_BYTE;
  const status = await rubyAgentStatus(pidInside, agent.folder);
  const checks: Check[] = [
    { name: 'role', state: 'ok', says: `${facts.role}; the agent calls it ${agent.role}` },
    agent.signal === null
      ? {
          name: 'signal',
          state: 'refused',
          says: 'its server uses every signal that the agent could take',
          hint: 'mount StanchAgent::Middleware, set STANCH_TOKEN and give the address of the service',
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
    preFlight: dumpPreFlight(facts, {
      checks,
      extraMemoryBytes: needBytes,
      pauseMs,
      diskBytes: diskBytes * wish.count,
    }),
    async capture({ label, folder, signal }) {
      const started = performance.now();
      const told = await captureRubyDump({ pid, pidInside, folder: agent.folder, signal });
      const dump = seenFromHere(pid, agent.folder, told);
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
