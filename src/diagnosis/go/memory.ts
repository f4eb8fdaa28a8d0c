import type { Moment } from './moments.ts';

/** What the process held at one moment, in bytes; null where the evidence does not say. */
export interface GoMemory {
  /** Heap spans with live or unswept objects. */
  readonly heapInUseBytes: number;
  /** Stacks of goroutines; they are in no heap profile. */
  readonly stackBytes: number;
  /** Free spans that the runtime has not given back to the system. */
  readonly idleBytes: number;
  /** The runtime's own tables: spans, GC, profiling buckets. */
  readonly runtimeBytes: number;
  /** Resident memory as the system counts it; null when nobody measured it (`MaxRSS` is only its highest value). */
  readonly rssBytes: number | null;
}

/** Figures of a moment that did not come with a profile: from runtime/metrics, expvar, a scrape of /metrics. */
export interface MemoryFigures {
  /** `/memory/classes/heap/objects:bytes` + `unused`, `go_memstats_heap_inuse_bytes` */
  readonly heapInUseBytes?: number;
  /** `/memory/classes/heap/stacks:bytes`, `go_memstats_stack_inuse_bytes` */
  readonly stackBytes?: number;
  /** `/memory/classes/heap/free:bytes` */
  readonly idleBytes?: number;
  /** `/memory/classes/metadata/*`, `other`, `profiling/buckets` */
  readonly runtimeBytes?: number;
  /** `process_resident_memory_bytes`, VmRSS */
  readonly rssBytes?: number;
}

/** Memory of a moment from the MemStats at the end of a heap profile in text, and from what else was measured. */
export function memoryOf(moment: Moment, measured: MemoryFigures = {}): GoMemory | null {
  const figures = moment.heap?.figures ?? moment.goroutines?.figures ?? new Map<string, number>();
  const of = (...names: string[]): number | undefined =>
    names.map((name) => figures.get(name)).find((value) => value !== undefined);
  const heapInUseBytes = measured.heapInUseBytes ?? of('HeapInuse');
  const stackBytes = measured.stackBytes ?? of('Stack', 'StackInuse');
  if (heapInUseBytes === undefined && stackBytes === undefined) return null;
  const idle = of('HeapIdle');
  const own = ['MSpanSys', 'MCacheSys', 'BuckHashSys', 'GCSys', 'OtherSys'];
  const runtime = own.reduce((sum, name) => sum + (figures.get(name) ?? 0), 0);
  return {
    heapInUseBytes: heapInUseBytes ?? 0,
    stackBytes: stackBytes ?? 0,
    idleBytes: measured.idleBytes ?? (idle === undefined ? 0 : Math.max(0, idle - (of('HeapReleased') ?? 0))),
    runtimeBytes: measured.runtimeBytes ?? runtime,
    rssBytes: measured.rssBytes ?? null,
  };
}

/** The least that a goroutine's stack takes (`_FixedStack`). */
export const LEAST_STACK_BYTES = 2048;

/** Mean stack of a goroutine: measured if the figures are there, else the least. */
export function stackBytesEach(memory: GoMemory | null, goroutines: number): number {
  if (memory === null || memory.stackBytes === 0 || goroutines === 0) return LEAST_STACK_BYTES;
  return memory.stackBytes / goroutines;
}

export function sumOf({ heapInUseBytes, stackBytes, idleBytes, runtimeBytes, rssBytes }: GoMemory): number {
  return rssBytes ?? heapInUseBytes + stackBytes + idleBytes + runtimeBytes;
}
