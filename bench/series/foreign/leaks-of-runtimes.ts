import { clockOf, fill, HOUR_SECONDS, sum } from './clock.ts';
import { generational, goHeap } from './heaps.ts';
import { counter, traffic } from './load.ts';
import type { Maker } from './made.ts';
import { leaking } from './made.ts';
import { baseOf, line, MB, rssNoise } from './process.ts';

/** Leaking: heaps, native memory, and things that are counted. */
export const LEAKS_OF_RUNTIMES: Readonly<Record<string, Maker>> = {
  'leak-below-sawtooth': (draw) => {
    const clock = clockOf(draw, 10, 120);
    const b = baseOf(draw),
      load = traffic(draw, clock, { amp: draw.between(0, 0.5) }),
      { slope, v } = line(draw, clock, b, 0.3, 1);
    const live = sum(v, b);
    const oldRoom = draw.between(0.5, 1.5),
      promote = draw.between(0.03, 0.1),
      alloc = (draw.spread(20, 80) * oldRoom * b) / promote / (clock.hours * HOUR_SECONDS);
    const { used } = generational(draw, clock, live, load, {
      young: draw.between(0.2, 0.8) * b,
      oldRoom,
      promote,
      alloc,
    });
    return leaking(clock, { jvm_memory_used_bytes: used }, { slope, onset: null });
  },

  'leaking-go-heap': (draw) => {
    const clock = clockOf(draw, 6, 96);
    const b = draw.spread(30, 2000) * MB,
      load = traffic(draw, clock, { amp: draw.between(0, 0.4) }),
      { slope, v } = line(draw, clock, b, 0.25, 1);
    return leaking(
      clock,
      { go_memstats_heap_alloc_bytes: goHeap(draw, clock, sum(v, b), load).used },
      { slope, onset: null },
    );
  },

  'leaking-v8-heap': (draw) => {
    const clock = clockOf(draw, 48, 168);
    const b = draw.spread(40, 600) * MB,
      load = traffic(draw, clock),
      { slope, v } = line(draw, clock, b, 0.3, 1);
    const live = sum(
      v,
      Float64Array.from(load, (l) => b * (1 + 0.05 * l)),
    );
    const oldRoom = draw.between(0.3, 0.9),
      promote = draw.between(0.04, 0.15),
      alloc = (draw.spread(25, 300) * oldRoom * b) / promote / (clock.hours * HOUR_SECONDS);
    const { used } = generational(draw, clock, live, load, {
      young: draw.between(4, 32) * MB,
      oldRoom,
      promote,
      alloc,
    });
    return leaking(
      clock,
      {
        nodejs_heap_size_used_bytes: used,
        ...(draw.chance(0.4) ? { http_requests_total: counter(draw, clock, load, 20) } : {}),
      },
      { slope, onset: null },
    );
  },

  'leaking-goroutines': (draw) => {
    const clock = clockOf(draw, 8, 120);
    const b = draw.spread(40, 3000),
      load = traffic(draw, clock),
      g = draw.between(0.6, 4) * b;
    const total = load.reduce((a, x) => a + x, 0);
    let s = 0;
    const k = draw.between(0.03, 0.2);
    const even = clock.hours < 48; // under a day's course a short look must leak evenly to be decided
    return leaking(
      clock,
      {
        go_goroutines: Float64Array.from(load, (l) => {
          s += even ? draw.poisson(g / clock.count) : draw.poisson((g * l) / total);
          return Math.round(b * 0.6 + s + draw.poisson(b * k * (even ? 1 : l)));
        }),
      },
      { slope: s / clock.hours, onset: null },
      { bytes: false },
    );
  },

  'leaking-connections': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = draw.whole(5, 60),
      n = draw.whole(25, 150);
    let s = 0;
    return leaking(
      clock,
      {
        db_connections_open: fill(clock, () => {
          s += draw.poisson(n / clock.count);
          return b + s + draw.poisson(b * 0.1);
        }),
      },
      {
        get slope() {
          return s / clock.hours;
        },
        onset: null,
      },
      { bytes: false },
    );
  },

  'native-leak': (draw) => {
    const clock = clockOf(draw, 24, 120);
    const h = draw.spread(60, 600) * MB,
      load = traffic(draw, clock),
      b = h * draw.between(1.8, 3),
      { slope, v } = line(draw, clock, b, 0.2, 0.9);
    const live = fill(clock, () => h);
    const { used } = generational(draw, clock, live, load, {
      young: draw.between(4, 32) * MB,
      oldRoom: 0.5,
      promote: 0.08,
      alloc: (draw.spread(25, 150) * 0.5 * h) / 0.08 / (clock.hours * HOUR_SECONDS),
    });
    return leaking(
      clock,
      {
        process_resident_memory_bytes: sum(v, b, rssNoise(draw, clock, b)),
        nodejs_heap_size_used_bytes: used,
      },
      { slope, onset: null },
    );
  },

  'heap-thrashing-at-limit': (draw) => {
    const clock = clockOf(draw, 12, 48);
    const b = draw.spread(200, 2000) * MB,
      limit = b * draw.between(1.8, 3),
      full = draw.between(0.35, 0.6) * clock.hours * HOUR_SECONDS;
    let gc = 0;
    const cost = draw.between(0.003, 0.012),
      load = traffic(draw, clock, { amp: draw.between(0, 0.4) });
    const gcs = new Float64Array(clock.count);
    const live = fill(clock, (t) => Math.min(limit * 0.97, b + ((limit * 0.97 - b) * t) / full));
    const used = Float64Array.from(live, (l, i) => {
      const room = limit - l;
      gc += (clock.stepSeconds * cost * load[i]! * limit) / Math.max(room, limit * 0.02);
      gcs[i] = gc;
      return l + room * draw.between(0.1, 0.95);
    });
    return leaking(
      clock,
      { jvm_memory_used_bytes: used, jvm_gc_collection_seconds_sum: gcs },
      {},
      { limit, always: true },
    );
  },

  'leaking-descriptors': (draw) => {
    const clock = clockOf(draw, 12, 120);
    const b = draw.whole(20, 300),
      n = draw.between(1, 5) * b;
    let s = 0;
    return leaking(
      clock,
      {
        process_open_fds: fill(clock, () => {
          s += draw.poisson(n / clock.count);
          return b + s + draw.poisson(b * 0.1);
        }),
      },
      {
        get slope() {
          return s / clock.hours;
        },
        onset: null,
      },
      { bytes: false },
    );
  },
};
