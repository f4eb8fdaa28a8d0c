import { clockOf, fill, HOUR_SECONDS, sum, wander } from './clock.ts';
import type { Maker } from './made.ts';
import { untellable } from './made.ts';
import { baseOf, rssNoise } from './process.ts';

/** What nobody can tell from these numbers. */
export const NOT_TO_BE_TOLD: Readonly<Record<string, Maker>> = {
  'eight-minutes': (draw) => {
    const clock = clockOf(draw, 0.1, 0.14, [10, 15]);
    const b = baseOf(draw);
    return untellable(clock, {
      rss_bytes: sum(
        fill(clock, () => b),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'three-teeth': (draw) => {
    const clock = clockOf(draw, 1, 12);
    const b = baseOf(draw),
      n = draw.between(1.5, 3.4),
      size = draw.between(0.3, 1) * b,
      drift = draw.chance(0.5) ? draw.between(0, 0.1) * b : 0,
      phase = draw.between(0, 1);
    return untellable(clock, {
      heap_used_bytes: sum(
        fill(clock, (t) => {
          const x = (n * t) / (clock.hours * HOUR_SECONDS) + phase;
          return b + drift * Math.floor(x) + size * (x % 1);
        }),
        wander(draw, clock, b * 0.004, 0.1),
      ),
    });
  },

  'endless-square-root': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = baseOf(draw),
      g = draw.between(0.3, 1) * b;
    return untellable(clock, {
      rss_bytes: sum(
        fill(clock, (t) => b + g * Math.sqrt(t / (clock.hours * HOUR_SECONDS))),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'one-morning': (draw) => {
    const clock = clockOf(draw, 4, 8);
    const b = baseOf(draw),
      k = draw.between(0.08, 0.25);
    return untellable(clock, {
      rss_bytes: sum(
        fill(clock, (t) => b * (1 + k * Math.sin((Math.PI / 2) * (t / HOUR_SECONDS / clock.hours - 0.1)))),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'drowned-in-noise': (draw) => {
    const clock = clockOf(draw, 24, 96);
    const b = baseOf(draw),
      sd = draw.between(0.03, 0.08) * b;
    return untellable(clock, {
      rss_bytes: sum(
        fill(clock, (t) => b + (0.6 * sd * t) / (clock.hours * HOUR_SECONDS)),
        wander(draw, clock, sd, clock.hours / draw.between(6, 12)),
      ),
    });
  },
};
