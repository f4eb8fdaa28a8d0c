import { join } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { formatBytes } from '../../base/units.ts';
import { memoryRoom } from '../../sources/processes/memory-limit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { CaptureSession } from '../heap-snapshot.ts';
import { InspectorClient } from '../inspector-client.ts';
import { type EvidenceFile, refuseExisting, sha256Of } from '../probes/evidence-file.ts';
import {
  closeInspector,
  type OpenInspector,
  openInspector,
  usedHeapBytes,
} from '../probes/node-inspector.ts';
import { sampleAllocations } from '../probes/node-profile.ts';
import { type Check, diskCheck, memoryCheck, pauseCheck, stateOf } from './pre-flight.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

// Measured on Node.js 20 to 24 with heaps of small objects, where V8 keeps most beside each object while it takes a snapshot: seven to
// eight times the used heap in all, not the "about twice" of the documentation.
const MOST_TIMES_HEAP = 8;
const LEAST_TIMES_HEAP = 6;
// 93 MB of heap took 7.3 s over the inspector; collecting and starting come on top.
const PAUSE_MS_PER_BYTE = 8000 / 100e6;
const PAUSE_LEAST_MS = 500;
const DISK_TIMES_HEAP = 1.8;
const PROFILE_BYTES = 45e6;
const PROFILE_PAUSE_MS = 200;
const PROFILE_DISK_BYTES = 5e6;

/** Prepares a Node.js process, found by its pid. Its inspector is opened: only V8 knows how much of it is heap. */
export async function prepareNodeProcess(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  const kinds = kindsOf(wish);
  return prepared(`process ${facts.pid}`, facts, await openInspector(facts, wish.signal), kinds, wish);
}

/** Prepares whatever process an inspector's address leads to. */
export async function prepareNodeAddress(
  webSocketUrl: string,
  facts: ProcessFacts | null,
  wish: CaptureWish,
): Promise<PreparedTarget> {
  const kinds = kindsOf(wish);
  const control = await InspectorClient.connect(webSocketUrl, { signal: wish.signal });
  return prepared(webSocketUrl, facts, { webSocketUrl, openedByUs: false, control }, kinds, wish);
}

function kindsOf({ kind = 'heap' }: CaptureWish): ('heap' | 'profile')[] {
  if (kind === 'goroutines') throw new UsageError('--kind goroutines: that is for Go; this is Node.js');
  return kind === 'all' ? ['profile', 'heap'] : [kind];
}

async function prepared(
  target: string,
  facts: ProcessFacts | null,
  inspector: OpenInspector,
  kinds: readonly ('heap' | 'profile')[],
  wish: CaptureWish,
): Promise<PreparedTarget> {
  const needOf = (used: number): Check =>
    memoryCheck(
      kinds.includes('heap')
        ? {
            mostBytes: used * MOST_TIMES_HEAP,
            leastBytes: used * LEAST_TIMES_HEAP,
            why: `${MOST_TIMES_HEAP} × its ${formatBytes(used)} of used heap, as measured where objects are small`,
            instead: 'take --kind profile (45 MB), or raise the limit of one replica and capture there',
          }
        : {
            mostBytes: PROFILE_BYTES,
            leastBytes: PROFILE_BYTES,
            why: 'a sampling profile',
            instead: 'raise the limit of one replica',
          },
      facts && memoryRoom(facts.pid),
    );
  let session: CaptureSession | null = null;
  try {
    const used = await usedHeapBytes(inspector.control);
    const takesHeap = kinds.includes('heap');
    const pauseMs = takesHeap ? PAUSE_LEAST_MS + used * PAUSE_MS_PER_BYTE : PROFILE_PAUSE_MS;
    const diskBytes =
      wish.count *
      ((takesHeap ? used * DISK_TIMES_HEAP : 0) + (kinds.includes('profile') ? PROFILE_DISK_BYTES : 0));
    const checks: Check[] = [
      {
        name: 'access',
        state: 'ok',
        says: inspector.openedByUs
          ? 'SIGUSR1 opened its inspector on 127.0.0.1; it is closed again afterwards. No ptrace.'
          : 'its inspector was open, and stays so',
      },
      ...(facts?.master
        ? [
            {
              name: 'role',
              state: 'ask',
              says: 'it is a cluster primary: requests are served by its workers',
              hint: 'take a worker',
            } as const,
          ]
        : []),
      needOf(used),
      pauseCheck(
        pauseMs,
        takesHeap
          ? 'up to 8 s for 100 MB of heap'
          : `while it listens for ${wish.profileMs / 1000} s it works on`,
      ),
      await diskCheck(wish.disk, diskBytes, takesHeap ? '1.8 × used heap, each' : 'profiles'),
    ];
    return {
      preFlight: {
        target,
        runtime: 'node',
        role: facts?.role ?? 'node',
        pid: facts?.pid ?? null,
        kinds,
        checks,
        extraMemoryBytes: takesHeap ? used * MOST_TIMES_HEAP : PROFILE_BYTES,
        pauseMs,
        diskBytes,
      },
      async again() {
        const check = needOf(await usedHeapBytes(inspector.control));
        return stateOf([check]) === 'refused' ? check.says : null;
      },
      async capture({ label, folder, signal, onProgress }) {
        const files: EvidenceFile[] = [];
        // One connection for the whole series: when it ends, V8 forgets the ids of all objects.
        session ??= takesHeap ? await CaptureSession.connect(inspector.webSocketUrl, { signal }) : null;
        for (const kind of kinds) {
          const file = join(folder, `${label}.heap${kind === 'heap' ? 'snapshot' : 'profile'}`);
          await refuseExisting(file);
          const started = performance.now();
          if (kind === 'profile') {
            const written = await sampleAllocations(inspector.control, {
              file,
              forMs: wish.profileMs,
              signal,
            });
            files.push({ file, kind, ...written, elapsedMs: performance.now() - started });
          } else {
            const { bytes, elapsedMs } = await session!.heapSnapshot({
              file,
              signal,
              ...(onProgress ? { onProgress } : {}),
            });
            files.push({ file, kind, bytes, sha256: await sha256Of(file), elapsedMs });
          }
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
