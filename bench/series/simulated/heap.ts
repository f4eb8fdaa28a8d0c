import type { Random } from '../random.ts';

/** How a runtime's collector behaves, as far as a graph of its heap shows it. */
export interface Collector {
  /** A full collection is due when the heap is so many times what was alive after the last one … */
  readonly growth: number;
  /** … and at least so much more, bytes. */
  readonly least: number;
  /** A young generation is swept so often within a full cycle, and takes back this share of what is new. */
  readonly minors: number;
  readonly minorShare: number;
  /** What a full collection leaves of the garbage (it runs beside the program, or is conservative). */
  readonly floating: number;
  /** At most so many seconds between full collections; Go has two minutes. */
  readonly forcedS: number | null;
}

/** Go, V8, Ruby, Python and an old-fashioned mark-and-sweep, each with the spread that settings give it. */
export function collectorOf(random: Random, baseBytes: number): Collector {
  return random.pick<Collector>([
    {
      growth: random.pick([1.5, 2, 2, 3]),
      least: 4e6,
      minors: 0,
      minorShare: 0,
      floating: random.between(0, 0.08),
      forcedS: 120,
    },
    {
      growth: random.between(1.2, 1.8),
      least: 0.05 * baseBytes,
      minors: random.whole(4, 30),
      minorShare: 0.93,
      floating: 0.02,
      forcedS: null,
    },
    {
      growth: random.between(1.2, 2.2),
      least: 0.1 * baseBytes,
      minors: random.whole(3, 12),
      minorShare: 0.8,
      floating: 0.05,
      forcedS: null,
    },
    { growth: 1.08, least: 0.01 * baseBytes, minors: 0, minorShare: 0, floating: 0.01, forcedS: null },
    {
      growth: random.between(1.3, 3),
      least: 0.2 * baseBytes,
      minors: 0,
      minorShare: 0,
      floating: random.between(0, 0.15),
      forcedS: null,
    },
  ]);
}

export interface HeapRun {
  /** Bytes in use at each look. */
  readonly used: Float64Array;
  /** Full collections until each look. */
  readonly collections: Float64Array;
  /** Bytes that the process holds from the system: the high-water mark, given back slowly. */
  readonly resident: Float64Array;
}

export interface HeapDrive {
  readonly seconds: Float64Array;
  /** Bytes alive at a second. */
  readonly alive: (second: number) => number;
  /** Bytes of garbage made in a second. */
  readonly garbage: (second: number) => number;
  readonly collector: Collector;
  /** Share of what is over that the allocator gives back in an hour. */
  readonly givesBack: number;
}

/** Runs a collector through time in steps no longer than a look, and no longer than a tenth of its cycle. */
export function runHeap(random: Random, drive: HeapDrive): HeapRun {
  const { seconds, alive, garbage, collector, givesBack } = drive;
  const count = seconds.length;
  const used = new Float64Array(count);
  const collections = new Float64Array(count);
  const resident = new Float64Array(count);
  let live = alive(seconds[0]!);
  let dead = random.next() * (collector.growth - 1) * live;
  let young = 0;
  let done = 0;
  let goal = Math.max(live * collector.growth, live + collector.least);
  let sinceFull = 0;
  let held = live + dead;
  let now = seconds[0]!;
  for (let at = 0; at < count; at++) {
    while (now < seconds[at]!) {
      const cycle = (goal - live) / Math.max(1, garbage(now));
      const step = Math.min(seconds[at]! - now, Math.max(1, cycle / 10));
      now += step;
      sinceFull += step;
      live = alive(now);
      young += garbage(now) * step;
      if (collector.minors > 0 && young > (goal - live) / collector.minors) {
        dead += young * (1 - collector.minorShare);
        young = 0;
      }
      const heap = live + dead + young;
      if (heap >= goal || (collector.forcedS !== null && sinceFull > collector.forcedS)) {
        // When garbage comes faster than steps are short, several cycles lie within one.
        done += Math.max(1, Math.floor(heap / Math.max(1, goal)));
        dead = (dead + young) * collector.floating * random.next();
        young = 0;
        sinceFull = 0;
        goal = Math.max(live * collector.growth, live + collector.least) * random.between(0.92, 1.08);
        if (step > cycle) young = random.next() * Math.max(0, goal - live - dead);
      }
      const heapNow = Math.min(live + dead + young, goal);
      held = Math.max(heapNow, held - ((held - heapNow) * givesBack * step) / 3600);
    }
    used[at] = Math.min(live + dead + young, Math.max(goal, live));
    collections[at] = done;
    resident[at] = held;
  }
  return { used, collections, resident };
}
