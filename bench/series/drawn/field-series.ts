import { type Series, seriesFrom } from '../../../src/model/series.ts';
import type { KnownSeries } from '../known-series.ts';
import { Random } from '../random.ts';

export const LEAKING = [
  'linear',
  'slow',
  'sawtooth-rising',
  'diurnal-rising',
  'after-deploy',
  'restart-loop',
  'staircase',
  'limit-plateau',
  'traffic-tied',
  'accelerating',
  'warm-up-then-leak',
] as const;

export const HEALTHY = [
  'flat',
  'sawtooth',
  'sawtooth-long',
  'warm-up',
  'diurnal',
  'weekly-load',
  'step',
  'cache-fill',
  'restarts',
  'bursts',
  'random-walk',
  'page-cache',
  'fragmentation',
  'copy-on-write',
] as const;

export const UNTELLABLE = ['few-collections', 'few-samples'] as const;

export type FieldShape = (typeof LEAKING)[number] | (typeof HEALTHY)[number] | (typeof UNTELLABLE)[number];

const HOUR = 3_600_000;
const MIB = 1024 ** 2;
const START = Date.UTC(2024, 2, 4, 0, 0, 0);

/** What all shapes have in common, drawn once for each. */
interface Field {
  readonly random: Random;
  readonly hours: number;
  readonly stepHours: number;
  readonly count: number;
  readonly base: number;
  /** Time in hours of each sample. */
  readonly at: Float64Array;
  /** Hour of the day of the first sample. */
  readonly phase: number;
}

interface Made {
  readonly values: Float64Array;
  readonly name?: string;
  readonly others?: readonly Series[];
  readonly limit?: number | null;
  readonly rate?: number | null;
  readonly onset?: number | null;
  readonly noise?: number;
  /** So many samples at the end are all there are. */
  readonly keep?: number;
}

/** One series of a shape; everything about it hangs on the seed. */
export function fieldSeries(shape: FieldShape, seed: number): KnownSeries<FieldShape> {
  const random = new Random(seed * 7919 + shape.length * 104_729 + shape.charCodeAt(0) * 31);
  const [hours, stepMinutes] = random.pick(VIEWS.filter(([hours]) => hours >= (LEAST_HOURS[shape] ?? 0)));
  const stepHours = stepMinutes / 60;
  const count = Math.floor(hours / stepHours);
  const field: Field = {
    random,
    hours,
    stepHours,
    count,
    base: random.spread(80, 4000) * MIB,
    at: Float64Array.from({ length: count }, (_, index) => index * stepHours),
    phase: random.between(0, 24),
  };
  const made = SHAPES[shape](field);
  const times = field.at.map((hour) => START + hour * HOUR);
  const values = withNoise(field, made.values, made.noise ?? random.spread(0.002, 0.03));
  const kept = keptSamples(field).slice(-(made.keep ?? count));
  const memory = seriesFrom(
    gauge(made.name ?? 'process_resident_memory_bytes'),
    kept.map((index) => times[index]!),
    kept.map((index) => values[index]!),
  );
  const leaks = (LEAKING as readonly string[]).includes(shape);
  const rate = made.rate ?? null;
  const limit = made.limit ?? null;
  const last = made.values.at(-1)!;
  const left = limit === null || shape === 'restart-loop' ? null : limit - last;
  const halfWay = left !== null && left > 0.5 * (last - made.values[0]!);
  return {
    shape,
    memory,
    others: made.others ?? [],
    limit,
    leaks,
    untellable: (UNTELLABLE as readonly string[]).includes(shape),
    ratePerHour: rate,
    onsetMs: made.onset === undefined || made.onset === null ? null : START + made.onset * HOUR,
    hoursToLimit: leaks && halfWay && rate !== null ? left / rate : null,
  };
}

/** Hours in view, minutes between samples. */
const VIEWS: readonly (readonly [number, number])[] = [
  [72, 5],
  [72, 5],
  [24, 1],
  [12, 0.5],
  [168, 15],
  [36, 5],
];
const LEAST_HOURS: Partial<Record<FieldShape, number>> = {
  slow: 72,
  'diurnal-rising': 72,
  diurnal: 36,
  'weekly-load': 72,
  'traffic-tied': 36,
};

const SHAPES: Readonly<Record<FieldShape, (field: Field) => Made>> = {
  linear: (field) => {
    const rate = leakRate(field, 0.1, 1);
    return { values: field.at.map((hour) => field.base + rate * hour), rate, limit: someLimit(field, rate) };
  },
  slow: (field) => {
    const rate = (field.base * field.random.between(0.03, 0.06)) / 24;
    return {
      values: field.at.map((hour) => field.base + rate * hour),
      rate,
      noise: field.random.between(0.01, 0.04),
      limit: someLimit(field, rate),
    };
  },
  'sawtooth-rising': (field) => {
    const rate = leakRate(field, 0.1, 0.8);
    const teeth = sawtooth(field, field.hours / field.random.between(14, 300));
    return {
      values: field.at.map((hour, at) => field.base + rate * hour + teeth[at]!),
      rate,
      name: 'nodejs_heap_size_used_bytes',
      noise: 0.003,
    };
  },
  'diurnal-rising': (field) => {
    const rate = leakRate(field, 0.12, 0.6);
    const day = daily(field, field.base * field.random.between(0.03, 0.15));
    return { values: field.at.map((hour, at) => field.base + rate * hour + day[at]!), rate };
  },
  'after-deploy': (field) => {
    const onset = field.hours * field.random.between(0.2, 0.7);
    const rate = leakRate(field, 0.15, 0.8) * (field.hours / (field.hours - onset));
    return { values: field.at.map((hour) => field.base + rate * Math.max(0, hour - onset)), rate, onset };
  },
  'restart-loop': (field) => {
    const life = field.hours / field.random.between(3.2, 14);
    const rise = field.base * field.random.between(1.2, 3);
    const rate = rise / life;
    const limit = field.base + rise;
    const values = field.at.map((hour) => field.base + rate * (hour % life));
    const starts = Float64Array.from(
      field.at,
      (hour) => START / 1000 + Math.floor(hour / life) * life * 3600,
    );
    const told = field.random.chance(0.5);
    return {
      values,
      rate,
      limit: told || field.random.chance(0.7) ? limit * 1.01 : null,
      others: told ? [other(field, 'process_start_time_seconds', starts)] : [],
      noise: 0.01,
    };
  },
  staircase: (field) => {
    const every = field.hours / field.random.whole(4, 20);
    const step = (field.base * field.random.between(0.15, 0.9)) / (field.hours / every);
    const first = every * field.random.between(0.1, 0.9);
    return {
      values: field.at.map((hour) => field.base + step * Math.max(0, Math.floor((hour - first) / every) + 1)),
      rate: step / every,
      noise: field.random.spread(0.001, 0.01),
    };
  },
  'limit-plateau': (field) => {
    const met = field.hours * field.random.between(0.4, 0.75);
    const limit = field.base * field.random.between(1.5, 3);
    const rate = (limit * 0.97 - field.base) / met;
    const gc = field.at.map((hour) => (hour < met ? 0.01 : 0.01 + 0.25 * Math.min(1, (hour - met) / 2)));
    const seconds = accumulated(field, gc, 3600);
    return {
      values: field.at.map((hour) => field.base + rate * Math.min(hour, met)),
      rate,
      limit,
      name: 'nodejs_heap_size_used_bytes',
      others: field.random.chance(0.6) ? [counter(field, 'nodejs_gc_duration_seconds_sum', seconds)] : [],
      noise: 0.008,
    };
  },
  'traffic-tied': (field) => {
    const traffic = requests(field, 0.6);
    const done = accumulated(field, traffic, 3600);
    const rate = leakRate(field, 0.15, 0.8);
    const each = (rate * field.hours) / done.at(-1)!;
    return {
      values: done.map((count) => field.base + each * count),
      rate,
      others: field.random.chance(0.5) ? [counter(field, 'http_requests_total', done)] : [],
    };
  },
  accelerating: (field) => {
    const grown = field.base * field.random.between(0.3, 1.2);
    return {
      values: field.at.map((hour) => field.base + grown * (hour / field.hours) ** 2),
      rate: null,
    };
  },
  'warm-up-then-leak': (field) => {
    const rate = leakRate(field, 0.15, 0.8);
    const warm = field.base * field.random.between(0.2, 0.6);
    const tau = field.hours * field.random.between(0.01, 0.04);
    return {
      values: field.at.map((hour) => field.base + warm * (1 - Math.exp(-hour / tau)) + rate * hour),
      rate,
    };
  },
  flat: (field) => ({ values: field.at.map(() => field.base), noise: field.random.spread(0.002, 0.08) }),
  sawtooth: (field) => {
    const teeth = sawtooth(field, field.hours / field.random.between(30, 400));
    return {
      values: teeth.map((tooth) => field.base + tooth),
      name: 'nodejs_heap_size_used_bytes',
      noise: 0.004,
    };
  },
  'sawtooth-long': (field) => {
    const teeth = sawtooth(field, field.hours / field.random.between(8, 20));
    return {
      values: teeth.map((tooth) => field.base + tooth),
      name: 'go_memstats_heap_alloc_bytes',
      noise: 0.004,
    };
  },
  'warm-up': (field) => {
    const warm = field.base * field.random.between(0.2, 1.5);
    const tau = field.hours * field.random.between(0.02, 0.12);
    return { values: field.at.map((hour) => field.base + warm * (1 - Math.exp(-hour / tau))) };
  },
  diurnal: (field) => {
    const day = daily(field, field.base * field.random.between(0.05, 0.3));
    return { values: day.map((part) => field.base + part) };
  },
  'weekly-load': (field) => {
    const load = requests(field, 0.5).map(
      (rate, at) => rate * (1 + 0.4 * Math.sin((2 * Math.PI * (field.at[at]! + field.phase * 7)) / 168)),
    );
    const each = (field.base * field.random.between(0.1, 0.4)) / 300;
    return {
      values: load.map((rate) => field.base + each * rate),
      others: [counter(field, 'http_requests_total', accumulated(field, load, 3600))],
    };
  },
  step: (field) => {
    const when = field.hours * field.random.between(0.15, 0.85);
    const height = field.base * field.random.between(0.08, 0.6);
    return { values: field.at.map((hour) => field.base + (hour >= when ? height : 0)) };
  },
  'cache-fill': (field) => {
    const full = field.hours * field.random.between(0.2, 0.7);
    const size = field.base * field.random.between(0.2, 1);
    const slowing = field.random.chance(0.5);
    return {
      values: field.at.map((hour) => {
        const share = Math.min(1, hour / full);
        return field.base + size * (slowing ? 1 - Math.exp(-3.5 * (hour / full)) : share);
      }),
      limit: field.random.chance(0.5) ? (field.base + size) * field.random.between(1.4, 3) : null,
    };
  },
  restarts: (field) => {
    const life = field.hours / field.random.between(2.5, 8);
    const warm = field.base * field.random.between(0.2, 0.8);
    const tau = life * field.random.between(0.02, 0.1);
    const starts = Float64Array.from(
      field.at,
      (hour) => START / 1000 + Math.floor(hour / life) * life * 3600,
    );
    return {
      values: field.at.map((hour) => field.base + warm * (1 - Math.exp(-(hour % life) / tau))),
      others: field.random.chance(0.6) ? [other(field, 'process_start_time_seconds', starts)] : [],
    };
  },
  bursts: (field) => {
    const values = new Float64Array(field.count).fill(field.base);
    for (let burst = field.random.whole(3, 12); burst > 0; burst--) {
      const from = field.random.between(0, field.hours);
      const length = field.hours * field.random.between(0.005, 0.03);
      const height = field.base * field.random.between(0.2, 1.5);
      for (let at = 0; at < field.count; at++) {
        if (field.at[at]! >= from && field.at[at]! < from + length) values[at]! += height;
      }
    }
    return { values };
  },
  'random-walk': (field) => {
    const step = (field.base * field.random.between(0.03, 0.15)) / Math.sqrt(field.count);
    let level = field.base;
    return {
      values: field.at.map(() => {
        level += step * field.random.normal();
        return level;
      }),
      noise: 0.002,
    };
  },
  'page-cache': (field) => {
    const limit = field.base * field.random.between(2, 4);
    const rate = (limit - field.base) / (field.hours * field.random.between(0.5, 3));
    const inner = withNoise(field, new Float64Array(field.count).fill(field.base), 0.01);
    return {
      values: field.at.map((hour) => Math.min(limit * 0.985, field.base + rate * hour)),
      limit,
      name: 'container_memory_usage_bytes',
      others: [other(field, 'container_memory_working_set_bytes', inner)],
      noise: 0.005,
    };
  },
  fragmentation: (field) => {
    const grown = field.base * field.random.between(0.1, 0.4);
    const tau = field.hours * field.random.between(0.02, 0.2);
    const heap = withNoise(field, new Float64Array(field.count).fill(field.base * 0.6), 0.02);
    return {
      values: field.at.map(
        (hour) => field.base + (grown * Math.log1p(hour / tau)) / Math.log1p(field.hours / tau),
      ),
      others: [other(field, 'nodejs_heap_size_used_bytes', heap)],
      noise: 0.006,
    };
  },
  'copy-on-write': (field) => {
    const shared = field.base * field.random.between(0.2, 0.5);
    const tau = field.hours * field.random.between(0.03, 0.15);
    return {
      values: field.at.map((hour) => field.base + shared * (1 - Math.exp(-hour / tau))),
      name: 'ruby_rss',
      noise: 0.004,
    };
  },
  'few-collections': (field) => {
    const period = field.hours / field.random.between(0.6, 2.8);
    const phase = field.random.next() * period;
    const depth = field.base * field.random.between(0.4, 0.8);
    return {
      values: field.at.map((hour) => field.base + depth * (((hour + phase) % period) / period)),
      name: 'nodejs_heap_size_used_bytes',
      noise: 0.004,
      others: [
        counter(
          field,
          'ruby_major_gc_ops_total',
          field.at.map((hour) => Math.floor((hour + phase) / period)),
        ),
      ],
    };
  },
  'few-samples': (field) => ({
    values: field.at.map((hour) => field.base * (1 + (0.3 * hour) / field.hours)),
    keep: field.random.whole(2, 4),
    noise: 0.02,
  }),
};

/** Growth over the view as a share of the base, as bytes an hour. */
function leakRate({ random, base, hours }: Field, least: number, most: number): number {
  return (base * random.spread(least, most)) / hours;
}

/** So that about half of the way, or more, is gone at the end. */
function someLimit({ random, base, hours }: Field, rate: number): number | null {
  return random.chance(0.6) ? base + rate * hours * random.between(1.2, 2.2) : null;
}

function sawtooth({ random, base, at }: Field, period: number): Float64Array {
  const depth = base * random.between(0.15, 0.8);
  let start = -random.next() * period;
  let length = period;
  return at.map((hour) => {
    while (hour - start >= length) {
      start += length;
      length = period * random.between(0.75, 1.3);
    }
    return (depth * (hour - start)) / period;
  });
}

function daily({ at, phase, random }: Field, swing: number): Float64Array {
  const second = random.between(0, 0.3);
  return at.map((hour) => {
    const turn = (2 * Math.PI * (hour + phase)) / 24;
    return (swing / 2) * (Math.sin(turn) + second * Math.sin(2 * turn));
  });
}

const MEAN_REQUESTS = 300;

/** Requests a second with a day's course and some noise. */
function requests({ at, phase, random }: Field, swing: number): Float64Array {
  let wander = 0;
  return at.map((hour) => {
    wander = 0.95 * wander + 0.03 * random.normal();
    return Math.max(5, MEAN_REQUESTS * (1 + swing * Math.sin((2 * Math.PI * (hour + phase)) / 24) + wander));
  });
}

function accumulated({ stepHours }: Field, rate: Float64Array, perHour: number): Float64Array {
  let sum = 0;
  return rate.map((each) => (sum += each * perHour * stepHours));
}

function withNoise({ random, base }: Field, values: Float64Array, share: number): Float64Array {
  const memory = random.pick([0, 0.5, 0.9]);
  const sd = share * base * Math.sqrt(1 - memory ** 2);
  let noise = share * base * random.normal();
  return values.map((value) => {
    noise = memory * noise + sd * random.normal();
    return Math.max(value * 0.05, value + noise);
  });
}

/** Some scrapes fail, sometimes for an hour. */
function keptSamples({ random, count }: Field): number[] {
  const missing = random.chance(0.5) ? random.between(0, 0.05) : 0;
  const gapAt = random.chance(0.3) ? random.whole(0, count) : count;
  const gapEnd = gapAt + count * random.between(0.01, 0.04);
  const all = Array.from({ length: count }, (_, at) => at);
  return all.filter((at) => !(at >= gapAt && at < gapEnd) && !(missing > 0 && random.chance(missing)));
}

function gauge(name: string): Omit<Series, 'times' | 'values'> {
  return { name, labels: {}, unit: 'bytes', kind: 'gauge', source: 'made' };
}

function other({ at }: Field, name: string, values: Float64Array): Series {
  return seriesFrom(
    gauge(name),
    at.map((hour) => START + hour * HOUR),
    values,
  );
}

function counter({ at }: Field, name: string, values: Float64Array): Series {
  return seriesFrom(
    { name, labels: {}, unit: 'count', kind: 'counter', source: 'made' },
    at.map((hour) => START + hour * HOUR),
    values,
  );
}
