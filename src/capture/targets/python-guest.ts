import { join } from 'node:path';
import { formatBytes } from '../../base/units.ts';
import { memoryRoom } from '../../sources/processes/memory-limit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { CaptureError } from '../capture-error.ts';
import { refuseExisting, takeOver } from '../probes/evidence-file.ts';
import { guestDump } from '../probes/guest-dump.ts';
import { guestPlace } from '../probes/guest-folder.ts';
import { pythonGuestFiles, pythonWay } from '../probes/python-guest.ts';
import {
  FORK_MS_PER_BYTE,
  PYTHON_DISK_SHARE_OF_RSS,
  PYTHON_LEAST_BYTES,
  PYTHON_LEAST_SHARE_OF_RSS,
  PYTHON_MOST_SHARE_OF_RSS,
} from './dump-costs.ts';
import { dumpPreFlight } from './dump-target.ts';
import { guestAccess, guestPauseMs, refuseGuest } from './guest-checks.ts';
import { type Check, diskCheck, memoryCheck, pauseCheck, stillFits } from './pre-flight.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

const COMPILE_MS = 150;
const PYTHON_AGENT_HINT =
  'start the service with `import stanch_agent; stanch_agent.start(directory=…, port=8901, token=…)` (docs/agents/python.md) and set STANCH_TOKEN';

/** Prepares a Python process without an agent: it is brought in, for one dump, by Python's own door for debuggers or gdb. */
export async function preparePythonGuest(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  const { pid, rssBytes } = facts;
  const way = pythonWay(facts);
  if ('reason' in way) refuseGuest(pid, way, PYTHON_AGENT_HINT);
  const place = await guestPlace(pid);
  const diskBytes = rssBytes * PYTHON_DISK_SHARE_OF_RSS;
  const inMemoryBytes = place.inMemory ? diskBytes : 0;
  const mostBytes = rssBytes * PYTHON_MOST_SHARE_OF_RSS + PYTHON_LEAST_BYTES + inMemoryBytes;
  const pauseMs = guestPauseMs(way.name, rssBytes * FORK_MS_PER_BYTE, COMPILE_MS);
  const need = (): Check =>
    memoryCheck(
      {
        mostBytes,
        leastBytes: rssBytes * PYTHON_LEAST_SHARE_OF_RSS + PYTHON_LEAST_BYTES + inMemoryBytes,
        why: `a forked child copies 50 to 80 % of ${formatBytes(rssBytes)}${place.inMemory ? `, and its ${place.inside} lies in memory` : ''}`,
        instead: 'raise the limit, or take a fresh worker after some requests',
      },
      memoryRoom(pid),
    );
  const checks: Check[] = [
    guestAccess(way.name, way.insteadOf),
    need(),
    pauseCheck(
      pauseMs,
      way.name === 'gdb'
        ? 'gdb, then the agent is compiled, then a fork'
        : 'the agent is compiled, then a fork',
    ),
    await diskCheck(wish.disk, diskBytes * wish.count, '0.6 × RSS, each'),
    await diskCheck(place.outside, diskBytes, `in ${place.inside} of the process, for a while`),
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
      const options = { process: facts, place, files: pythonGuestFiles, bring: way.bring, signal };
      return guestDump(options, async (guest) => {
        const elapsedMs = performance.now() - started;
        if ((await guest.size('dump.pygc')) === null) {
          throw new CaptureError(`process ${pid}`, 'take-snapshot', 'it wrote no plain file');
        }
        return [{ file, kind: 'heap', ...(await takeOver(`${guest.outside}/dump.pygc`, file)), elapsedMs }];
      });
    },
    close: () => Promise.resolve(null),
  };
}
