import type { Series } from '../../../src/model/series.ts';
import type { KnownSeries } from '../known-series.ts';
import { Random } from '../random.ts';
import { collectorOf, type HeapRun, runHeap } from './heap.ts';
import { atMs, type Scrape, scrapeOf, seen, shaken } from './scrape.ts';
import { type Traffic, trafficOf } from './traffic.ts';

/**
 * Services that are run, not drawn: traffic makes garbage and leaks, a collector sweeps by its own rule, an allocator keeps what it once
 * had, and a monitor looks at its own rhythm. Nothing is taken from the drawn shapes: this is the held-out side of the scoreboard.
 */
export const LEAKS = [
  'heap-leak-by-time',
  'heap-leak-by-request',
  'resident-leak',
  'resident-leak-by-request',
  'slow-leak',
  'leak-since-deploy',
  'nightly-job-leak',
  'oom-loop',
  'goroutine-leak',
  'warm-up-and-leak',
  'per-session-leak-of-growing-service',
  'second-process-leaks',
  'pinned-at-limit',
] as const;

export const SOUND = [
  'heap-of-service',
  'heap-at-rest',
  'resident-of-service',
  'lru-cache',
  'ratchet',
  'start-up',
  'new-version-is-larger',
  'nightly-job',
  'rolling-deploys',
  'pool-of-goroutines',
  'slow-wander',
  'traffic-growth',
  'fragmenting',
  'half-day',
] as const;

export type ServiceShape = (typeof LEAKS)[number] | (typeof SOUND)[number];

interface Service {
  readonly random: Random;
  readonly scrape: Scrape;
  readonly traffic: Traffic;
  readonly base: number;
  readonly hours: number;
}

interface Outcome {
  readonly memory: Series;
  readonly others?: readonly Series[];
  readonly limit?: number | null;
  readonly rate?: number;
  readonly onsetS?: number;
  /** Too few collections fell into the view. */
  readonly untellable?: boolean;
  /** Level that is alive at the end, for the time to the limit. */
  readonly level?: number;
}

const SPANS: Partial<Record<ServiceShape, readonly [number, number]>> = {
  'slow-leak': [48, 240],
  'nightly-job-leak': [120, 336],
  'nightly-job': [72, 336],
  'lru-cache': [12, 200],
  'heap-at-rest': [1, 12],
  'traffic-growth': [96, 336],
  'half-day': [8, 15],
  // Within a day or two nobody can tell highs that follow each other from a leak.
  ratchet: [72, 300],
  'resident-leak-by-request': [6, 240],
};

export function service(shape: ServiceShape, seed: number): KnownSeries<ServiceShape> {
  const random = new Random(
    seed * 6007 + [...shape].reduce((sum, each) => (sum * 31 + each.charCodeAt(0)) % 1_000_003, 7),
  );
  const base = random.spread(30e6, 6e9);
  const scrape = scrapeOf(random, SPANS[shape] ?? [2, 200], base);
  const traffic = trafficOf(random, scrape.spanS);

  const made = SHAPES[shape]({ random, scrape, traffic, base, hours: scrape.spanS / 3600 });
  const leaks = (LEAKS as readonly string[]).includes(shape);
  const limit = made.limit ?? null;
  const left = limit !== null && made.level !== undefined ? limit - made.level : null;
  return {
    shape,
    memory: made.memory,
    others: made.others ?? [],
    limit,
    leaks,
    untellable: made.untellable ?? false,
    ratePerHour: made.rate ?? null,
    onsetMs: made.onsetS === undefined ? null : atMs(made.onsetS),
    hoursToLimit: leaks && left !== null && made.rate !== undefined ? left / made.rate : null,
  };
}

const HEAP_NAMES = [
  'nodejs_heap_size_used_bytes',
  'go_memstats_heap_alloc_bytes',
  'heap_used_mb',
  'jvm_heap_used',
  'ruby_heap_live_bytes',
];
const RESIDENT_NAMES = [
  'process_resident_memory_bytes',
  'container_memory_working_set_bytes',
  'rss_mb',
  'memory',
  'mem_used_gb',
  'docker_mem_bytes',
];

/** A heap with what is alive given; the garbage follows the traffic. */
function heapOf(service: Service, alive: (second: number) => number, busy: number = 1): HeapRun {
  const { random, scrape, traffic, base } = service;
  const each = (base * random.spread(0.2, 20) * busy) / 3600 / traffic.mean;
  return runHeap(random, {
    seconds: scrape.seconds,
    alive,
    garbage: (second) => each * traffic.at(second),
    collector: collectorOf(random, base),
    givesBack: random.pick([0, 0.1, 2]),
  });
}

function heapSeries(service: Service, run: HeapRun): Pick<Outcome, 'memory' | 'others' | 'untellable'> {
  const { random, scrape } = service;
  const name = random.pick(HEAP_NAMES);
  const counter = seen(
    scrape,
    { name: 'gc_major_count_total', unit: 'count', kind: 'counter' },
    run.collections,
  );
  return {
    memory: seen(scrape, { name }, run.used),
    others: random.chance(0.4) ? [counter] : [],
    untellable: run.collections.at(-1)! < 6,
  };
}

function residentSeries(
  service: Service,
  values: Float64Array,
  noise: readonly [number, number] = [0.001, 0.03],
): Series {
  const { random, scrape } = service;
  return seen(scrape, { name: random.pick(RESIDENT_NAMES) }, shaken(random, values, random.spread(...noise)));
}

/** Growth over the view, bytes an hour. */
function leak({ random, base, hours }: Service, least: number, most: number): number {
  return (base * random.spread(least, most)) / hours;
}

function perRequest({ scrape, traffic }: Service): Float64Array {
  let sum = 0;
  let last = 0;
  return scrape.seconds.map((second) => {
    sum += traffic.at((second + last) / 2) * (second - last);
    last = second;
    return sum;
  });
}

function requests({ scrape, random }: Service, done: Float64Array): readonly Series[] {
  return random.chance(0.4)
    ? [seen(scrape, { name: 'http_requests_total', unit: 'count', kind: 'counter' }, done)]
    : [];
}

/** Within a day or two only the load itself tells what follows it from what leaks. */
function loadOfShortView(service: Service): readonly Series[] {
  if (service.hours > 40) return [];
  return [
    seen(
      service.scrape,
      { name: 'http_requests_total', unit: 'count', kind: 'counter' },
      perRequest(service),
    ),
  ];
}

function interpolated(seconds: Float64Array, values: Float64Array): (second: number) => number {
  return (second) => {
    let low = 0;
    let high = seconds.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (seconds[middle]! <= second) low = middle;
      else high = middle;
    }
    const share = (second - seconds[low]!) / Math.max(1e-9, seconds[high]! - seconds[low]!);
    return values[low]! + (values[high]! - values[low]!) * Math.max(0, Math.min(1, share));
  };
}

const SHAPES: Readonly<Record<ServiceShape, (service: Service) => Outcome>> = {
  'heap-leak-by-time': (s) => {
    const rate = leak(s, 0.4, 2);
    const run = heapOf(s, (second) => s.base + (rate * second) / 3600, s.random.between(1, 3));
    const level = s.base + rate * s.hours;
    return {
      ...heapSeries(s, run),
      rate,
      level,
      limit: s.random.chance(0.5)
        ? Math.max(...run.used, level) + rate * s.hours * s.random.between(0.5, 1.5)
        : null,
    };
  },
  'heap-leak-by-request': (s) => {
    const done = perRequest(s);
    const rate = leak(s, 0.5, 2);
    const each = (rate * s.hours) / done.at(-1)!;
    const at = interpolated(s.scrape.seconds, done);
    const { memory, others, untellable } = heapSeries(
      s,
      heapOf(s, (second) => s.base + each * at(second), 2),
    );
    return {
      memory,
      others: [...(others ?? []), ...requests(s, done)],
      untellable: untellable ?? false,
      rate,
    };
  },
  'resident-leak': (s) => {
    const rate = leak(s, 0.12, 1.5);
    const level = s.base + rate * s.hours;
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + (rate * second) / 3600),
      ),
      rate,
      level,
      limit: s.random.chance(0.6) ? level + rate * s.hours * s.random.between(0.3, 1.5) : null,
    };
  },
  'resident-leak-by-request': (s) => {
    const done = perRequest(s);
    const rate = leak(s, 0.2, 1.5);
    const each = (rate * s.hours) / done.at(-1)!;
    return {
      memory: residentSeries(
        s,
        done.map((count) => s.base + each * count),
      ),
      others: requests(s, done),
      rate,
    };
  },
  'slow-leak': (s) => {
    const rate = (s.base * s.random.between(0.02, 0.06)) / 24;
    const load = s.base * s.random.between(0, 0.03);
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map(
          (second) => s.base + (rate * second) / 3600 + (load * s.traffic.at(second)) / s.traffic.mean,
        ),
        [0.001, 0.015],
      ),
      rate,
    };
  },
  'leak-since-deploy': (s) => {
    const onsetS = s.scrape.spanS * s.random.between(0.15, 0.65);
    const rate = (s.base * s.random.spread(0.2, 1.5)) / (s.hours - onsetS / 3600);
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + (rate * Math.max(0, second - onsetS)) / 3600),
        [0.001, 0.02],
      ),
      rate,
      onsetS,
    };
  },
  'nightly-job-leak': (s) => {
    const step = s.base * s.random.between(0.03, 0.25);
    const first = s.random.between(0, 86_400);
    const leftS = s.random.between(300, 7200);
    const peak = s.base * s.random.between(0, 0.5);
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => {
          const nights = Math.max(0, Math.floor((second - first) / 86_400) + 1);
          const since = (second - first) % 86_400;
          return s.base + step * nights + (nights > 0 && since < leftS ? peak : 0);
        }),
        [0.001, 0.01],
      ),
      rate: step / 24,
    };
  },
  'oom-loop': (s) => {
    const limit = s.base * s.random.between(1.5, 4);
    const lives = s.random.between(2.5, 12);
    const rate = (limit - s.base) / (s.hours / lives);
    let born = 0;
    const start = new Float64Array(s.scrape.seconds.length);
    const values = s.scrape.seconds.map((second, at) => {
      let level = s.base + (rate * (second - born)) / 3600;
      if (level > limit) {
        born = second;
        level = s.base * 0.95;
      }
      start[at] = atMs(born) / 1000;
      return level;
    });
    const others = s.random.chance(0.5)
      ? [seen(s.scrape, { name: 'process_start_time_seconds', unit: 'seconds' }, start)]
      : [];
    return {
      memory: residentSeries(s, values, [0.001, 0.015]),
      others,
      limit: s.random.chance(0.7) ? limit : null,
      rate,
    };
  },
  'goroutine-leak': (s) => {
    const done = perRequest(s);
    const grown = s.random.spread(100, 50_000);
    const pool = s.random.whole(12, 400);
    const each = grown / done.at(-1)!;
    const values = done.map((count, at) =>
      Math.round(
        pool * (1 + 0.3 * (s.traffic.at(s.scrape.seconds[at]!) / s.traffic.mean)) +
          each * count +
          s.random.normal() * Math.sqrt(pool),
      ),
    );
    return {
      memory: seen(s.scrape, { name: 'go_goroutines', unit: 'count' }, values),
      rate: grown / s.hours,
    };
  },
  'warm-up-and-leak': (s) => {
    const rate = leak(s, 0.25, 1.2);
    const tau = s.scrape.spanS * s.random.between(0.005, 0.06);
    const warm = s.base * s.random.between(0.1, 0.7);
    const power = s.random.chance(0.5);
    const rise = (second: number): number =>
      power ? 1 - (1 + second / tau) ** -2 : 1 - Math.exp(-second / tau);
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + warm * rise(second) + (rate * second) / 3600),
        [0.001, 0.015],
      ),
      rate,
    };
  },
  'per-session-leak-of-growing-service': (s) => {
    const grown = s.base * s.random.between(0.4, 1.5);
    const power = s.random.between(1.6, 3);
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + grown * (second / s.scrape.spanS) ** power),
        [0.001, 0.015],
      ),
    };
  },
  'second-process-leaks': (s) => {
    const bornS = s.scrape.spanS * s.random.between(0.2, 0.5);
    const rate = (s.base * s.random.spread(0.2, 1.2)) / (s.hours - bornS / 3600);
    const warmS = s.scrape.spanS * 0.004;
    const start = s.scrape.seconds.map((second) => atMs(second < bornS ? -3600 : bornS) / 1000);
    const values = s.scrape.seconds.map((second) =>
      second < bornS
        ? s.base
        : s.base * (1 - 0.4 * Math.exp((bornS - second) / warmS)) + (rate * (second - bornS)) / 3600,
    );
    return {
      memory: residentSeries(s, values, [0.001, 0.015]),
      others: [seen(s.scrape, { name: 'process_start_time_seconds', unit: 'seconds' }, start)],
      rate,
      onsetS: bornS,
    };
  },
  'pinned-at-limit': (s) => {
    const limit = s.base * s.random.between(1.6, 3.5);
    const metS = s.scrape.spanS * s.random.between(0.4, 0.8);
    const rate = ((limit * 0.96 - s.base) / metS) * 3600;
    const seconds = s.scrape.seconds.map((second) =>
      second < metS ? second * 0.01 : metS * 0.01 + (second - metS) * 0.2,
    );
    const alive = (second: number): number => s.base + (rate * Math.min(second, metS)) / 3600;
    return {
      memory: seen(
        s.scrape,
        { name: 'nodejs_heap_size_used_bytes' },
        s.scrape.seconds.map((second) => alive(second) + s.random.between(0, 0.03) * limit),
      ),
      others: [
        seen(s.scrape, { name: 'nodejs_gc_duration_seconds_sum', unit: 'seconds', kind: 'counter' }, seconds),
      ],
      limit,
      rate,
    };
  },
  'heap-of-service': (s) => {
    const sessions = s.base * s.random.between(0, 0.3);
    const run = heapOf(
      s,
      (second) => s.base + (sessions * s.traffic.at(second)) / s.traffic.mean,
      s.random.between(1, 6),
    );
    const { others, ...rest } = heapSeries(s, run);
    return { ...rest, others: [...(others ?? []), ...loadOfShortView(s)] };
  },
  'heap-at-rest': (s) =>
    heapSeries(
      s,
      heapOf(s, () => s.base, s.random.spread(0.5, 10)),
    ),
  'resident-of-service': (s) => {
    const load = s.base * s.random.between(0, 0.25);
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + (load * s.traffic.at(second)) / s.traffic.mean),
      ),
    };
  },
  'lru-cache': (s) => {
    const done = perRequest(s);
    const keys = done.at(-1)! * s.random.between(0.03, 0.3);
    const size = s.base * s.random.between(0.2, 1.2);
    const hard = s.random.chance(0.5);
    const values = done.map(
      (count) => s.base + size * (hard ? Math.min(1, count / keys / 1.5) : 1 - Math.exp(-count / keys)),
    );
    return {
      memory: residentSeries(s, values, [0.001, 0.02]),
      limit: s.random.chance(0.5) ? (s.base + size) * s.random.between(1.3, 3) : null,
    };
  },
  ratchet: (s) => {
    const each = (s.base * s.random.between(0.1, 0.5)) / s.traffic.mean;
    let high = 0;
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => {
          high = Math.max(high, s.base + each * s.traffic.at(second));
          return high;
        }),
        [0.0005, 0.01],
      ),
    };
  },
  'start-up': (s) => {
    const tau = s.scrape.spanS * s.random.between(0.005, 0.1);
    const warm = s.base * s.random.between(0.2, 3);
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + warm * (1 - Math.exp(-second / tau))),
        [0.001, 0.02],
      ),
    };
  },
  'new-version-is-larger': (s) => {
    const when = s.scrape.spanS * s.random.between(0.1, 0.9);
    const height = s.base * s.random.between(0.05, 0.8);
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + (second > when ? height : 0)),
        [0.001, 0.015],
      ),
    };
  },
  'nightly-job': (s) => {
    const first = s.random.between(0, 86_400);
    const lastsS = s.random.between(1200, 14_400);
    const peak = s.base * s.random.between(0.2, 1.5);
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + ((second - first + 86_400) % 86_400 < lastsS ? peak : 0)),
        [0.001, 0.02],
      ),
    };
  },
  'rolling-deploys': (s) => {
    const births = Array.from({ length: s.random.whole(1, 6) }, () => s.scrape.spanS * s.random.next()).sort(
      (a, b) => a - b,
    );
    const tau = s.scrape.spanS * s.random.between(0.003, 0.02);
    const warm = s.base * s.random.between(0.2, 0.9);
    const bornAt = (second: number): number => births.findLast((each) => each <= second) ?? -10 * tau;
    const starts = s.scrape.seconds.map((second) => atMs(bornAt(second)) / 1000);
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + warm * (1 - Math.exp((bornAt(second) - second) / tau))),
        [0.001, 0.015],
      ),
      others: s.random.chance(0.6)
        ? [seen(s.scrape, { name: 'process_start_time_seconds', unit: 'seconds' }, starts)]
        : [],
    };
  },
  'pool-of-goroutines': (s) => {
    const pool = s.random.whole(30, 3000);
    const values = s.scrape.seconds.map((second) =>
      Math.round(
        pool + (0.5 * pool * s.traffic.at(second)) / s.traffic.mean + s.random.normal() * Math.sqrt(pool),
      ),
    );
    return {
      memory: seen(s.scrape, { name: 'go_goroutines', unit: 'count' }, values),
      others: loadOfShortView(s),
    };
  },
  'slow-wander': (s) => {
    const reverts = s.random.spread(3, 60) / s.scrape.seconds.length;
    const sd = s.base * s.random.between(0.02, 0.12) * Math.sqrt(2 * reverts);
    let off = 0;
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map(() => {
          off += -reverts * off + sd * s.random.normal();
          return s.base + off;
        }),
        [0.0005, 0.003],
      ),
    };
  },
  'traffic-growth': (s) => {
    const more = s.random.between(0.2, 1);
    const load = (second: number): number => s.traffic.at(second) * (1 + (more * second) / s.scrape.spanS);
    const each = (s.base * s.random.between(0.1, 0.5)) / s.traffic.mean;
    let sum = 0;
    const done = s.scrape.seconds.map((second) => (sum += load(second) * s.scrape.stepS));
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + each * load(second)),
        [0.001, 0.01],
      ),
      others: [seen(s.scrape, { name: 'http_requests_total', unit: 'count', kind: 'counter' }, done)],
    };
  },
  fragmenting: (s) => {
    const tau = s.scrape.spanS * s.random.between(0.01, 0.1);
    const grown = s.base * s.random.between(0.1, 0.5);
    const heap = shaken(s.random, new Float64Array(s.scrape.seconds.length).fill(0.6 * s.base), 0.02);
    return {
      memory: seen(
        s.scrape,
        { name: 'process_resident_memory_bytes' },
        shaken(
          s.random,
          s.scrape.seconds.map(
            (second) => s.base + (grown * Math.log1p(second / tau)) / Math.log1p(s.scrape.spanS / tau),
          ),
          0.005,
        ),
      ),
      others: [seen(s.scrape, { name: 'nodejs_heap_size_used_bytes' }, heap)],
    };
  },
  'half-day': (s) => {
    const each = (s.base * s.random.between(0.02, 0.25)) / s.traffic.mean;
    return {
      memory: residentSeries(
        s,
        s.scrape.seconds.map((second) => s.base + each * s.traffic.at(second)),
        [0.002, 0.01],
      ),
    };
  },
};
