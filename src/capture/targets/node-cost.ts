import { formatBytes } from '../../base/units.ts';
import type { MemoryRoom } from '../../sources/processes/memory-limit.ts';
import { type Check, memoryCheck } from './pre-flight.ts';

/** What can be taken from Node.js. */
export type NodeKind = 'heap' | 'profile' | 'census';

// Measured on Node.js 20 to 24 with heaps of small objects, where V8 keeps most beside each object while it takes a snapshot: seven to
// eight times the used heap in all, not the "about twice" of the documentation.
const MOST_TIMES_HEAP = 8;
const LEAST_TIMES_HEAP = 6;
// 93 MB of heap took 7.3 s over the inspector; collecting and starting come on top.
const PAUSE_MS_PER_BYTE = 8000 / 100e6;
const PAUSE_LEAST_MS = 500;
const DISK_TIMES_HEAP = 1.8;
// Packed, 78 MB became 12 MB; strings of the service pack less well than V8's tables.
const PACKED_TIMES_HEAP = 0.6;
const PROFILE_BYTES = 45e6;
const PROFILE_PAUSE_MS = 200;
const PROFILE_DISK_BYTES = 5e6;
// All garbage is collected, some rounds of it, and each object is put into one array (docs/capture.md has the figures).
const CENSUS_MOST_TIMES_HEAP = 1;
const CENSUS_LEAST_TIMES_HEAP = 0.7;
const CENSUS_LEAST_BYTES = 30e6;
const CENSUS_PAUSE_MS_PER_BYTE = 4000 / 100e6;
const CENSUS_PAUSE_LEAST_MS = 200;
const CENSUS_DISK_BYTES = 200e3;
/** The array of all objects is on V8's own heap: a word for each, and again while it grows. */
const CENSUS_HEAP_SHARE = 0.25;

/** What to do where a snapshot does not fit. */
export function censusOffer(target: string): string {
  return `stanch capture ${target} --kind census counts the objects by class, with a third of the pause and a sixth of the memory`;
}

/** What a capture of these kinds costs, once; `diskBytes` is for the whole series. */
export function nodeCost(
  kinds: readonly NodeKind[],
  usedBytes: number,
  { count, profileMs, pack = false }: { count: number; profileMs: number; pack?: boolean | undefined },
): { extraBytes: number; pauseMs: number; pauseWhy: string; diskBytes: number; diskWhy: string } {
  const heap = kinds.includes('heap');
  const census = kinds.includes('census');
  const profile = kinds.includes('profile');
  const times = pack ? PACKED_TIMES_HEAP : DISK_TIMES_HEAP;
  return {
    extraBytes: heap
      ? usedBytes * MOST_TIMES_HEAP
      : census
        ? CENSUS_LEAST_BYTES + usedBytes * CENSUS_MOST_TIMES_HEAP
        : PROFILE_BYTES,
    pauseMs:
      (heap ? PAUSE_LEAST_MS + usedBytes * PAUSE_MS_PER_BYTE : 0) +
      (census ? CENSUS_PAUSE_LEAST_MS + usedBytes * CENSUS_PAUSE_MS_PER_BYTE : 0) +
      (profile && !heap && !census ? PROFILE_PAUSE_MS : 0),
    pauseWhy: heap
      ? `up to 8 s for 100 MB of heap${census ? ', 4 s more for the census before it' : ''}`
      : census
        ? 'up to 4 s for 100 MB of heap'
        : `while it listens for ${profileMs / 1000} s it works on`,
    diskBytes:
      count *
      ((heap ? usedBytes * times : 0) +
        (profile ? PROFILE_DISK_BYTES : 0) +
        (census ? CENSUS_DISK_BYTES : 0)),
    diskWhy: heap ? `${times} × used heap${pack ? ', packed' : ''}, each` : census ? 'counts' : 'profiles',
  };
}

/** @param wayBytes what the way to the process costs within its limit */
export function nodeMemoryCheck(
  kinds: readonly NodeKind[],
  usedBytes: number,
  wayBytes: number,
  room: MemoryRoom | null,
): Check {
  if (kinds.includes('heap')) {
    return memoryCheck(
      {
        mostBytes: usedBytes * MOST_TIMES_HEAP + wayBytes,
        leastBytes: usedBytes * LEAST_TIMES_HEAP + wayBytes,
        why: `${MOST_TIMES_HEAP} × its ${formatBytes(usedBytes)} of used heap, as measured where objects are small`,
        instead: 'raise the limit of one replica and capture there',
      },
      room,
    );
  }
  if (kinds.includes('census')) {
    return memoryCheck(
      {
        mostBytes: CENSUS_LEAST_BYTES + usedBytes * CENSUS_MOST_TIMES_HEAP + wayBytes,
        leastBytes: CENSUS_LEAST_BYTES + usedBytes * CENSUS_LEAST_TIMES_HEAP + wayBytes,
        why: `every object of its ${formatBytes(usedBytes)} of used heap in one array`,
        instead: `take --kind profile (${formatBytes(PROFILE_BYTES)}), or raise the limit of one replica`,
      },
      room,
    );
  }
  return memoryCheck(
    {
      mostBytes: PROFILE_BYTES + wayBytes,
      leastBytes: PROFILE_BYTES + wayBytes,
      why: 'a sampling profile',
      instead: 'raise the limit of one replica',
    },
    room,
  );
}

/** V8 ends the process where its own heap is full, whatever the container has left. */
export function heapLimitCheck(usedBytes: number, limitBytes: number): Check[] {
  const needBytes = usedBytes * CENSUS_HEAP_SHARE;
  if (!(limitBytes > 0) || usedBytes + needBytes < limitBytes) return [];
  return [
    {
      name: 'memory',
      state: 'refused',
      says: `a census needs ${formatBytes(needBytes)} on V8's own heap, of which ${formatBytes(usedBytes)} of ${formatBytes(limitBytes)} are used`,
      hint: 'take --kind profile, or --kind heap, which keeps its tables outside of that heap',
    },
  ];
}
