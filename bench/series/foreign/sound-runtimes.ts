import { clockOf, fill, HOUR_SECONDS, sum } from './clock.ts';
import { generational, goHeap } from './heaps.ts';
import { beside, traffic } from './load.ts';
import type { Maker } from './made.ts';
import { healthy } from './made.ts';
import { baseOf, cols, MB, rssName, rssNoise } from './process.ts';

/** Healthy: heaps under collectors, and things that are counted. */
export const SOUND_RUNTIMES: Readonly<Record<string, Maker>> = {
  'generational-heap': (draw) => {
    const clock = clockOf(draw, 8, 60);
    const b = baseOf(draw);
    const load = traffic(draw, clock);
    const live = load.map((each) => b * (1 + 0.06 * (each - 1)));
    const young = draw.spread(0.15, 0.6) * b,
      oldRoom = draw.between(0.25, 0.9),
      promote = draw.between(0.03, 0.12);
    // between 12 and 60 majors in the window
    const alloc = (draw.spread(12, 60) * oldRoom * b) / promote / (clock.hours * HOUR_SECONDS);
    const { used, majors } = generational(draw, clock, live, load, { young, oldRoom, promote, alloc });
    return healthy(
      clock,
      cols(draw, 'jvm_memory_used_bytes', used, {
        ...(draw.chance(0.3) ? { jvm_gc_collection_count_total: majors } : {}),
        ...beside(draw, clock, load),
      }),
    );
  },

  'v8-heap': (draw) => {
    const clock = clockOf(draw, 24, 120);
    const b = draw.spread(40, 600) * MB;
    const load = traffic(draw, clock);
    const live = fill(clock, () => b);
    for (let i = 0; i < clock.count; i++) live[i] = b * (1 + 0.1 * load[i]!);
    const oldRoom = draw.between(0.3, 1),
      promote = draw.between(0.04, 0.15),
      alloc = (draw.spread(15, 400) * oldRoom * b) / promote / (clock.hours * HOUR_SECONDS);
    const { used } = generational(draw, clock, live, load, {
      young: draw.between(4, 32) * MB,
      oldRoom,
      promote,
      alloc,
    });
    return healthy(clock, cols(draw, 'nodejs_heap_size_used_bytes', used, beside(draw, clock, load)));
  },

  'go-heap': (draw) => {
    const clock = clockOf(draw, 3, 72);
    const b = draw.spread(30, 2000) * MB;
    const load = traffic(draw, clock);
    const live = Float64Array.from(load, (l) => b * (0.7 + 0.3 * l));
    return healthy(
      clock,
      cols(
        draw,
        'go_memstats_heap_alloc_bytes',
        goHeap(draw, clock, live, load).used,
        beside(draw, clock, load),
      ),
    );
  },

  'goroutines-of-a-day': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = draw.spread(40, 5000),
      load = traffic(draw, clock),
      k = draw.spread(0.05, 1);
    return healthy(
      clock,
      {
        go_goroutines: Float64Array.from(load, (l) => Math.round(b * 0.5) + draw.poisson(b * k * l)),
        ...beside(draw, clock, load),
      },
      { bytes: false },
    );
  },

  'connection-pool': (draw) => {
    const clock = clockOf(draw, 8, 168);
    const max = draw.whole(10, 200),
      load = traffic(draw, clock);
    let open = draw.whole(2, 10);
    const idle = draw.between(0.02, 0.3);
    return healthy(
      clock,
      {
        db_connections_open: Float64Array.from(load, (l) => {
          const want = draw.poisson(l * max * 0.5);
          if (want > open) open = Math.min(max, want);
          else if (draw.chance(idle)) open = Math.max(2, open - draw.whole(0, 2));
          return open;
        }),
        ...beside(draw, clock, load),
      },
      { bytes: false },
    );
  },

  'cyclic-collector': (draw) => {
    const clock = clockOf(draw, 12, 96);
    const b = baseOf(draw),
      load = traffic(draw, clock);
    const room = draw.between(0.05, 0.3) * b,
      alloc = (room * draw.spread(15, 80)) / (clock.hours * HOUR_SECONDS);
    let g = 0,
      hold = 0;
    const v = Float64Array.from(load, (l) => {
      g += alloc * l * clock.stepSeconds;
      if (g > room) {
        hold = 0.5 * hold + draw.between(0, 0.02) * b;
        g = 0;
      }
      return b * (1 + 0.05 * l) + g + hold;
    });
    return healthy(clock, {
      [rssName(draw)]: sum(v, rssNoise(draw, clock, b)),
      ...beside(draw, clock, load),
    });
  },
};
