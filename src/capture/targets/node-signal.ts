import { join } from 'node:path';
import { formatBytes } from '../../base/units.ts';
import { memoryRoom } from '../../sources/processes/memory-limit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { readProcess } from '../../sources/processes/process-facts.ts';
import { refuseExisting } from '../probes/evidence-file.ts';
import { type SignalSnapshot, takeSignalSnapshot } from '../probes/node-signal-snapshot.ts';
import { CoolDown } from './cool-down.ts';
import { processIdentity } from './identity.ts';
import { nodeCost, nodeMemoryCheck } from './node-cost.ts';
import { type Check, diskCheck, pauseCheck, stateOf } from './pre-flight.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

/** What Node.js itself takes before a service has allocated anything. */
const OWN_BYTES = 35e6;
const LEAST_HEAP_BYTES = 5e6;

/** Prepares a process that writes snapshots by itself at a signal. Without an inspector the size of its heap is only known to be below its RSS. */
export async function prepareNodeSignal(
  facts: ProcessFacts,
  way: SignalSnapshot,
  obstacle: string,
  wish: CaptureWish,
): Promise<PreparedTarget> {
  const heapOf = (process: ProcessFacts): number =>
    Math.max(LEAST_HEAP_BYTES, (process.anonymousBytes ?? process.rssBytes) - OWN_BYTES);
  const used = heapOf(facts);
  const cost = nodeCost(['heap'], used, wish);
  const cool = new CoolDown(processIdentity(facts));
  const cooling = cool.check();
  const checks: Check[] = [
    {
      name: 'access',
      state: 'ok',
      says: `${way.signal}, as it was started with --heapsnapshot-signal; no inspector (${obstacle})`,
    },
    ...(cooling ? [cooling] : []),
    nodeMemoryCheck(['heap'], used, 0, memoryRoom(facts.pid)),
    pauseCheck(cost.pauseMs, `a heap of ${formatBytes(used)} at most`),
    await diskCheck(wish.disk, cost.diskBytes, cost.diskWhy),
    await diskCheck(
      way.folder,
      nodeCost(['heap'], used, { count: 1, profileMs: 0 }).diskBytes,
      'in its own folder, for a while',
    ),
  ];
  return {
    preFlight: {
      target: `process ${facts.pid}`,
      runtime: 'node',
      role: facts.role,
      pid: facts.pid,
      kinds: ['heap'],
      checks,
      extraMemoryBytes: cost.extraBytes,
      pauseMs: cost.pauseMs,
      diskBytes: cost.diskBytes,
    },
    again() {
      const now = readProcess(facts.pid);
      if (now?.startTicks !== facts.startTicks) return Promise.resolve('it has ended');
      const check = nodeMemoryCheck(['heap'], heapOf(now), 0, memoryRoom(facts.pid));
      return Promise.resolve(stateOf([check]) === 'refused' ? check.says : null);
    },
    async capture({ label, folder, signal }) {
      const pack = wish.pack === true;
      const file = join(folder, `${label}.heapsnapshot${pack ? '.gz' : ''}`);
      await refuseExisting(file);
      const started = performance.now();
      try {
        const written = await takeSignalSnapshot(facts, way, { file, pack, signal });
        return [{ file, kind: 'heap', ...written, elapsedMs: performance.now() - started }];
      } finally {
        cool.note();
      }
    },
    close: () => Promise.resolve(null),
  };
}
