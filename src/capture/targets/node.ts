import { join } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { type MemoryRoom, memoryRoom } from '../../sources/processes/memory-limit.ts';
import { procText } from '../../sources/processes/proc-text.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { CaptureError } from '../capture-error.ts';
import { CaptureSession } from '../heap-snapshot.ts';
import { InspectorClient } from '../inspector-client.ts';
import { type EvidenceFile, refuseExisting } from '../probes/evidence-file.ts';
import { nodeVitals, takeCensus } from '../probes/node-census.ts';
import {
  closeInspector,
  type OpenInspector,
  openInspector,
  usedHeapBytes,
} from '../probes/node-inspector.ts';
import { sampleAllocations } from '../probes/node-profile.ts';
import { signalSnapshotOf } from '../probes/node-signal-snapshot.ts';
import { CoolDown } from './cool-down.ts';
import { addressIdentity, processIdentity } from './identity.ts';
import { censusOffer, heapLimitCheck, type NodeKind, nodeCost, nodeMemoryCheck } from './node-cost.ts';
import { prepareNodeSignal } from './node-signal.ts';
import { type Check, diskCheck, pauseCheck, stateOf } from './pre-flight.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

/** From here on a snapshot may fail or take the service down: what a census tells is on the disk before it is begun. */
const LARGE_HEAP_BYTES = 100e6;

/** Where a process is, as far as the pre-flight needs to know. */
export interface NodePlace {
  readonly target: string;
  /** What names it on the command line. */
  readonly argument: string;
  readonly role: string;
  readonly master: boolean;
  readonly pid: number | null;
  /** The same for one process and for no other. */
  readonly identity: string;
  /** Null where its limits cannot be seen. */
  room(): Promise<MemoryRoom | null>;
  /** What the way to it costs within its limit. */
  readonly wayBytes: number;
}

/** Prepares a Node.js process, found by its pid. Its inspector is opened: only V8 knows how much of it is heap. */
export async function prepareNodeProcess(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  const kinds = kindsOf(wish);
  const place = placeOf(`process ${facts.pid}`, facts);
  let inspector: OpenInspector;
  try {
    inspector = await openInspector(facts, wish.signal);
  } catch (obstacle) {
    // It was prepared for another way, which gives snapshots only.
    const way = obstacle instanceof CaptureError ? signalSnapshotOf(facts) : null;
    if (!way || (wish.kind ?? 'heap') !== 'heap') throw obstacle;
    return prepareNodeSignal(facts, way, (obstacle as CaptureError).message, wish);
  }
  return prepareNode(place, inspector, kinds, wish);
}

/** Prepares whatever process an inspector's address leads to. */
export async function prepareNodeAddress(
  webSocketUrl: string,
  facts: ProcessFacts | null,
  wish: CaptureWish,
): Promise<PreparedTarget> {
  const kinds = kindsOf(wish);
  const control = await InspectorClient.connect(webSocketUrl, { signal: wish.signal });
  const inspector: OpenInspector = {
    webSocketUrl,
    openedByUs: false,
    control,
    says: 'its inspector was open, and stays so',
    listens: () => Promise.resolve(true),
    release: () => Promise.resolve(),
  };
  return prepareNode(placeOf(webSocketUrl, facts), inspector, kinds, wish);
}

function placeOf(target: string, facts: ProcessFacts | null): NodePlace {
  return {
    target,
    argument: facts ? String(facts.pid) : target,
    role: facts?.role ?? 'node',
    master: facts?.master ?? false,
    pid: facts?.pid ?? null,
    identity: facts ? processIdentity(facts) : addressIdentity(target),
    room: () => Promise.resolve(facts && memoryRoom(facts.pid)),
    wayBytes: 0,
  };
}

/** @throws UsageError for what Node.js does not have */
export function kindsOf({ kind = 'heap' }: CaptureWish): readonly NodeKind[] {
  if (kind === 'goroutines') throw new UsageError('--kind goroutines: that is for Go; this is Node.js');
  if (kind === 'all') return ['profile', 'census', 'heap'];
  return kind === 'census' ? ['census', 'profile'] : [kind];
}

/** Looks at what captures cost behind an inspector that is open. It is closed when that fails. */
export async function prepareNode(
  place: NodePlace,
  inspector: OpenInspector,
  wished: readonly NodeKind[],
  wish: CaptureWish,
): Promise<PreparedTarget> {
  let session: CaptureSession | null = null;
  const { control } = inspector;
  const cool = new CoolDown(place.identity);
  try {
    const vitals = await nodeVitals(control);
    const used = await usedHeapBytes(control);
    const kinds: readonly NodeKind[] =
      wish.kind === undefined && used > LARGE_HEAP_BYTES ? ['census', ...wished] : wished;
    const cost = nodeCost(kinds, used, wish);
    const cooling = kinds.some((kind) => kind !== 'profile') ? cool.check() : null;
    const looked: Check[] = [
      { name: 'access', state: 'ok', says: inspector.says },
      ...(cooling ? [cooling] : []),
      ...(place.master
        ? [
            {
              name: 'role',
              state: 'ask',
              says: 'it is a cluster primary: requests are served by its workers',
              hint: 'take a worker',
            } as const,
          ]
        : []),
      nodeMemoryCheck(kinds, used, place.wayBytes, await place.room()),
      ...(kinds.includes('census') ? heapLimitCheck(used, vitals.heap.heap_size_limit) : []),
      pauseCheck(cost.pauseMs, cost.pauseWhy),
      await diskCheck(wish.disk, cost.diskBytes, cost.diskWhy),
    ];
    const checks = looked.map((check) =>
      // What does not fit may still be counted.
      check.state === 'refused' && kinds.includes('heap') && /^(memory|pause)$/.test(check.name)
        ? { ...check, hint: `${check.hint}; ${censusOffer(place.argument)}` }
        : check,
    );
    return {
      preFlight: {
        target: place.target,
        runtime: 'node',
        role: place.role,
        pid: place.pid,
        kinds,
        checks,
        extraMemoryBytes: cost.extraBytes + place.wayBytes,
        pauseMs: cost.pauseMs,
        diskBytes: cost.diskBytes,
      },
      async again() {
        const now = await usedHeapBytes(control).catch((error: Error) => error);
        if (now instanceof Error) {
          const ended = place.pid !== null && hasEnded(place.pid);
          return `${place.target} ${ended ? 'has ended meanwhile' : `does not answer any more: ${now.message}`}`;
        }
        const check = nodeMemoryCheck(kinds, now, place.wayBytes, await place.room());
        return stateOf([check]) === 'refused' ? check.says : null;
      },
      async capture({ label, folder, signal, onProgress }) {
        const files: EvidenceFile[] = [];
        const pack = wish.pack === true;
        // One connection for the whole series: when it ends, V8 forgets the ids of all objects.
        session ??= kinds.includes('heap')
          ? await CaptureSession.connect(inspector.webSocketUrl, { signal })
          : null;
        try {
          for (const kind of kinds) {
            const file = join(folder, `${label}${ENDINGS[kind]}${pack && kind === 'heap' ? '.gz' : ''}`);
            await refuseExisting(file);
            const started = performance.now();
            if (kind === 'heap') {
              const taken = await session!.heapSnapshot({
                file,
                signal,
                ...(onProgress ? { onProgress } : {}),
              });
              files.push({ ...taken, kind });
            } else {
              const written =
                kind === 'census'
                  ? await takeCensus(control, { file, signal })
                  : await sampleAllocations(control, { file, forMs: wish.profileMs, signal });
              files.push({ file, kind, ...written, elapsedMs: performance.now() - started });
            }
          }
        } catch (error) {
          // Through a tunnel the address of the inspector says nothing to anybody.
          if (place.pid === null || !hasEnded(place.pid) || signal.aborted) throw error;
          throw new CaptureError(place.target, 'take-snapshot', 'it has ended meanwhile', {
            hint: 'what was taken before is whole; stanch top shows what runs in its place',
            cause: error,
          });
        } finally {
          if (kinds.some((kind) => kind !== 'profile')) cool.note();
        }
        return files;
      },
      async close() {
        await session?.close();
        return closeInspector(inspector);
      },
    };
  } catch (error) {
    await closeInspector(inspector);
    throw error;
  }
}

function hasEnded(pid: number): boolean {
  const status = procText(`/proc/${pid}/status`);
  return status === null || /^State:\s+[ZX]/m.test(status);
}

const ENDINGS: Readonly<Record<NodeKind, string>> = {
  heap: '.heapsnapshot',
  profile: '.heapprofile',
  census: '.census.json',
};
