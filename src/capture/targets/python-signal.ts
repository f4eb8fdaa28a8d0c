import { join } from 'node:path';
import { formatBytes } from '../../base/units.ts';
import { memoryRoom } from '../../sources/processes/memory-limit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { refuseExisting, takeOver } from '../probes/evidence-file.ts';
import { seenFromHere } from '../probes/guest-folder.ts';
import { dumpBySignal } from '../signal-agent.ts';
import {
  FORK_MS_PER_BYTE,
  PYTHON_DISK_SHARE_OF_RSS,
  PYTHON_LEAST_BYTES,
  PYTHON_LEAST_SHARE_OF_RSS,
  PYTHON_MOST_SHARE_OF_RSS,
} from './dump-costs.ts';
import { dumpPreFlight } from './dump-target.ts';
import { type Check, diskCheck, memoryCheck, pauseCheck, stillFits } from './pre-flight.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

const SMALL_PAUSE_MS = 10;
const TIMEOUT_MS = 300_000;

/** Prepares a Python process whose agent listens to a signal (`stanch_agent.start(directory=…)`). */
export async function preparePythonSignal(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  const { pid, pidInside, rssBytes } = facts;
  const agent = facts.agent!;
  const diskBytes = rssBytes * PYTHON_DISK_SHARE_OF_RSS;
  const mostBytes = rssBytes * PYTHON_MOST_SHARE_OF_RSS + PYTHON_LEAST_BYTES;
  const pauseMs = SMALL_PAUSE_MS + rssBytes * FORK_MS_PER_BYTE;
  const need = (): Check =>
    memoryCheck(
      {
        mostBytes,
        leastBytes: rssBytes * PYTHON_LEAST_SHARE_OF_RSS + PYTHON_LEAST_BYTES,
        why: `a forked child copies 50 to 80 % of ${formatBytes(rssBytes)}`,
        instead: 'raise the limit, or take a fresh worker after some requests',
      },
      memoryRoom(pid),
    );
  const checks: Check[] = [
    { name: 'signal', state: 'ok', says: `SIG${agent.signal}, which is the agent's. No ptrace.` },
    need(),
    pauseCheck(pauseMs, 'stacks and fork; a child writes the dump'),
    await diskCheck(wish.disk, diskBytes * wish.count, '0.6 × RSS, each'),
  ];
  return {
    preFlight: dumpPreFlight(facts, {
      checks,
      extraMemoryBytes: mostBytes,
      pauseMs,
      diskBytes: diskBytes * wish.count,
    }),
    again: stillFits(need),
    async capture({ label, folder, signal }) {
      const file = join(folder, `${label}.pygc`);
      await refuseExisting(file);
      const started = performance.now();
      const told = await dumpBySignal({
        pid,
        pidInside,
        folder: agent.folder,
        signalName: agent.signal!,
        timeoutMs: TIMEOUT_MS,
        signal,
      });
      const elapsedMs = performance.now() - started;
      const written = seenFromHere(pid, agent.folder, told);
      return [{ file, kind: 'heap', ...(await takeOver(written, file)), elapsedMs }];
    },
    close: () => Promise.resolve(null),
  };
}
