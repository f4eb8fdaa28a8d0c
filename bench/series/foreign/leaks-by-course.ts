import { clockOf, DAY_SECONDS, fill, HOUR_SECONDS, integral, sum } from './clock.ts';
import { counter, course, traffic } from './load.ts';
import type { Maker } from './made.ts';
import { leaking } from './made.ts';
import { baseOf, line, rssName, rssNoise, withLimit } from './process.ts';

/** Leaking: evenly, by steps, in bursts, with the day. */
export const LEAKS_BY_COURSE: Readonly<Record<string, Maker>> = {
  'leak-by-request': (draw) => {
    const clock = clockOf(draw, 60, 200);
    const b = baseOf(draw),
      load = traffic(draw, clock);
    const total = load.reduce((a, x) => a + x, 0) * clock.stepSeconds;
    const g = draw.between(0.25, 0.9) * b;
    const v = integral(
      clock,
      load.map((l) => (l * g) / total),
    );
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          v,
          b,
          course(draw, clock, load, b, draw.between(0, 0.12)),
          rssNoise(draw, clock, b),
        ),
        ...(draw.chance(0.5) ? { http_requests_total: counter(draw, clock, load, 30) } : {}),
      },
      { slope: g / clock.hours, onset: null },
    );
  },

  'slow-leak-of-weeks': (draw) => {
    const clock = clockOf(draw, 120, 336);
    const b = baseOf(draw),
      load = traffic(draw, clock);
    const slope = (draw.between(0.02, 0.1) * b * 1.6) / 24;
    const level = b + slope * clock.hours;
    const limit = Math.max(b * 1.6, level * 1.05);
    const k = draw.between(0, 0.06);
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          fill(clock, (t) => b + (slope * t) / HOUR_SECONDS),
          course(draw, clock, load, b, k),
          rssNoise(draw, clock, b),
        ),
      },
      { slope, onset: null, ttl: limit - level > 0.25 * level ? (limit - level) / slope : undefined },
      { limit },
    );
  },

  'leaking-cron-job': (draw) => {
    const n = draw.whole(8, 60),
      every = draw.pick([0.25, 1, 1, 2, 6]);
    const hours = n * every;
    const clock = clockOf(draw, hours, hours * 1.001);
    const b = baseOf(draw),
      g = draw.between(0.2, 0.9) * b,
      phase = draw.between(0, every);
    const one = g / n;
    const spike = draw.between(0, 0.3) * b;
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          fill(
            clock,
            (t) =>
              b +
              one * Math.floor((t / HOUR_SECONDS + phase) / every) +
              ((t / HOUR_SECONDS + phase) % every < 0.08 * every ? spike : 0),
          ),
          rssNoise(draw, clock, b),
        ),
      },
      { slope: one / every, onset: null },
    );
  },

  'leak-by-chunks': (draw) => {
    const clock = clockOf(draw, 6, 120);
    const b = baseOf(draw),
      { slope, grown } = line(draw, clock, b, 0.2, 0.9),
      piece = grown / draw.between(10, 60);
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          fill(clock, (t) => b + Math.floor((slope * t) / HOUR_SECONDS / piece) * piece),
          rssNoise(draw, clock, b, 0.4),
        ),
      },
      { slope, onset: null },
    );
  },

  'leak-with-releases': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = baseOf(draw),
      n = draw.between(10, 30),
      every = clock.hours / n,
      g = draw.between(0.3, 1) * b,
      share = draw.between(0.3, 0.6),
      up = g / n / (1 - share);
    let m = 0,
      last = 0;
    const v = fill(clock, (t) => {
      m += (up * clock.stepSeconds) / HOUR_SECONDS / every;
      const k = Math.floor(t / HOUR_SECONDS / every);
      if (k !== last) {
        m -= up * share;
        last = k;
      }
      return b + m;
    });
    return leaking(
      clock,
      { [rssName(draw)]: sum(v, rssNoise(draw, clock, b)) },
      { slope: g / clock.hours, onset: null },
    );
  },

  'accelerating-leak': (draw) => {
    const clock = clockOf(draw, 12, 168);
    const b = baseOf(draw),
      g = draw.between(0.4, 1.5) * b,
      p = draw.between(1.6, 3);
    return leaking(clock, {
      [rssName(draw)]: sum(
        fill(clock, (t) => b + g * (t / (clock.hours * HOUR_SECONDS)) ** p),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'slowing-leak': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = baseOf(draw),
      g = draw.between(0.4, 1.2) * b,
      p = draw.between(0.75, 0.9);
    return leaking(clock, {
      [rssName(draw)]: sum(
        fill(clock, (t) => b + g * (t / (clock.hours * HOUR_SECONDS)) ** p),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'leak-in-bursts': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = baseOf(draw),
      n = draw.whole(30, 120),
      g = draw.between(0.3, 1) * b;
    let s = 0,
      got = 0;
    const v = fill(clock, () => {
      const k = draw.poisson(n / clock.count);
      for (let q = 0; q < k; q++) s += (draw.exponential(1) * g) / n;
      return b + s;
    });
    got = s;
    return leaking(
      clock,
      { [rssName(draw)]: sum(v, rssNoise(draw, clock, b)) },
      { slope: got / clock.hours },
    );
  },

  'leak-below-heavy-tails': (draw) => {
    const clock = clockOf(draw, 12, 120);
    const b = baseOf(draw),
      { slope, v } = line(draw, clock, b, 0.2, 0.9),
      p = draw.between(0.01, 0.1),
      a = draw.between(1.3, 2.5);
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          v,
          fill(clock, () => b * (1 + (draw.chance(p) ? Math.min(4, 0.03 * draw.pareto(a)) : 0))),
          rssNoise(draw, clock, b),
        ),
      },
      { slope, onset: null },
    );
  },

  'leak-in-business-hours': (draw) => {
    const clock = clockOf(draw, 168, 336);
    const b = baseOf(draw),
      g = draw.between(0.3, 0.9) * b;
    const open = clock.seconds.map((t) => {
      const x = clock.startSeconds + t,
        day = (Math.floor(x / DAY_SECONDS) + 4) % 7,
        h = (x % DAY_SECONDS) / HOUR_SECONDS;
      return day > 0 && day < 6 && h > 8 && h < 18 ? 1 : 0.02;
    });
    const total = open.reduce((a, x) => a + x, 0) * clock.stepSeconds;
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          integral(
            clock,
            open.map((x) => (x * g) / total),
          ),
          b,
          rssNoise(draw, clock, b),
        ),
      },
      { slope: g / clock.hours },
    );
  },

  'fast-leak': (draw) => {
    const clock = clockOf(draw, 0.6, 2, [10, 15]);
    const b = baseOf(draw),
      { slope, v, grown } = line(draw, clock, b, 0.3, 1.5);
    const w = withLimit(draw, b + grown, slope);
    return leaking(
      clock,
      { [rssName(draw)]: sum(v, b, rssNoise(draw, clock, b, 0.6)) },
      { slope, onset: null, ttl: w.ttl },
      { limit: w.limit },
    );
  },

  'plain-leak': (draw) => {
    const clock = clockOf(draw, 6, 120);
    const b = baseOf(draw),
      { slope, v, grown } = line(draw, clock, b, 0.2, 0.9);
    const w = withLimit(draw, b + grown, slope);
    return leaking(
      clock,
      { [rssName(draw)]: sum(v, b, rssNoise(draw, clock, b)) },
      { slope, onset: null, ttl: w.ttl },
      { limit: w.limit },
    );
  },

  'leak-below-a-tide': (draw) => {
    // arena leak with diurnal retention: the floor of nights rises
    const clock = clockOf(draw, 96, 240);
    const b = baseOf(draw),
      load = traffic(draw, clock, { amp: draw.between(0.5, 0.8) }),
      { slope, v } = line(draw, clock, b, 0.3, 0.9);
    const up = draw.between(0.05, 0.2),
      fall = draw.between(2, 8) * HOUR_SECONDS;
    let s = 0;
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          v,
          Float64Array.from(load, (l) => {
            const want = up * b * Math.max(0, l - 0.5);
            s = want > s ? want : s + ((want - s) * clock.stepSeconds) / fall;
            return b + s;
          }),
          rssNoise(draw, clock, b),
        ),
      },
      { slope, onset: null },
    );
  },
};
