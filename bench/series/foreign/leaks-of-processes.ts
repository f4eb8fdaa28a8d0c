import { clockOf, DAY_SECONDS, fill, HOUR_SECONDS, sum } from './clock.ts';
import { course, traffic } from './load.ts';
import type { Maker } from './made.ts';
import { leaking } from './made.ts';
import { baseOf, line, rssName, rssNoise, starts, withLimit } from './process.ts';

/** Leaking: since a time, or across processes. */
export const LEAKS_OF_PROCESSES: Readonly<Record<string, Maker>> = {
  'killed-at-limit': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = baseOf(draw),
      limit = b * draw.between(1.6, 4),
      life = clock.hours / draw.between(3.4, 12),
      slope = (limit - b) / life;
    let m = b + draw.between(0, 1) * (limit - b),
      at = (-(m - b) / slope) * HOUR_SECONDS;
    const begun = new Float64Array(clock.count);
    const v = fill(clock, (t, i) => {
      m += (slope * clock.stepSeconds) / HOUR_SECONDS;
      if (m >= limit * 0.99) {
        m = b * draw.between(0.95, 1.05);
        at = t;
      }
      begun[i] = clock.startSeconds + at;
      return m;
    });
    const told = draw.chance(0.5);
    return leaking(
      clock,
      { [rssName(draw)]: sum(v, rssNoise(draw, clock, b, 0.6)), ...(told ? starts(draw, clock, begun) : {}) },
      { slope },
      { limit: told ? undefined : limit, always: true },
    );
  },

  'leak-since-a-deploy': (draw) => {
    const clock = clockOf(draw, 36, 240);
    const b = baseOf(draw),
      at = draw.between(0.25, 0.65) * clock.hours * HOUR_SECONDS,
      slope = (draw.between(0.25, 0.9) * b) / (clock.hours - at / HOUR_SECONDS);
    const warm = draw.between(0.05, 0.25),
      tau = draw.between(0.02, 0.5) * HOUR_SECONDS;
    const load = traffic(draw, clock),
      k = draw.between(0, 0.05);
    const begun = fill(clock, (t) => clock.startSeconds + (t >= at ? at : -50 * HOUR_SECONDS));
    const v = fill(clock, (t) =>
      t < at ? b : b * (1 - warm * Math.exp(-(t - at) / tau)) + (slope * (t - at)) / HOUR_SECONDS,
    );
    const more = draw.chance(0.6) ? { process_start_time_seconds: begun } : {};
    return leaking(
      clock,
      { [rssName(draw)]: sum(v, course(draw, clock, load, b, k), rssNoise(draw, clock, b)), ...more },
      { slope, onset: at },
    );
  },

  'leak-since-nothing': (draw) => {
    const clock = clockOf(draw, 24, 240);
    const b = baseOf(draw),
      at = draw.between(0.25, 0.65) * clock.hours * HOUR_SECONDS,
      slope = (draw.between(0.25, 0.9) * b) / (clock.hours - at / HOUR_SECONDS);
    const level = b + slope * (clock.hours - at / HOUR_SECONDS);
    const w = withLimit(draw, level, slope);
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          fill(clock, (t) => b + (slope * Math.max(0, t - at)) / HOUR_SECONDS),
          rssNoise(draw, clock, b),
        ),
      },
      { slope, onset: at, ttl: w.ttl },
      { limit: w.limit },
    );
  },

  'leak-reset-nightly': (draw) => {
    const clock = clockOf(draw, 80, 240);
    const b = baseOf(draw),
      at = draw.between(0, DAY_SECONDS),
      slope = (draw.between(0.2, 0.8) * b) / 24;
    const warm = draw.between(0, 0.15),
      tau = draw.between(0.1, 0.6) * HOUR_SECONDS;
    const age = fill(clock, (t) => (t + DAY_SECONDS - at) % DAY_SECONDS);
    const begun = fill(clock, (t, i) => clock.startSeconds + t - age[i]!);
    const v = Float64Array.from(age, (a) => b * (1 - warm * Math.exp(-a / tau)) + (slope * a) / HOUR_SECONDS);
    return leaking(
      clock,
      { [rssName(draw)]: sum(v, rssNoise(draw, clock, b)), ...starts(draw, clock, begun) },
      { slope },
    );
  },

  'leak-behind-warm-up': (draw) => {
    const clock = clockOf(draw, 12, 168);
    const b = baseOf(draw),
      warm = draw.between(0.2, 0.8) * b,
      tau = (clock.hours * HOUR_SECONDS) / draw.between(15, 60),
      { slope, v, grown } = line(draw, clock, b, 0.2, 0.9);
    const w = withLimit(draw, b + warm + grown, slope);
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          fill(clock, (t) => b + warm * (1 - Math.exp(-t / tau))),
          v,
          rssNoise(draw, clock, b),
        ),
      },
      { slope, ttl: w.ttl },
      { limit: w.limit },
    );
  },

  'leak-behind-cache': (draw) => {
    const clock = clockOf(draw, 48, 240);
    const b = baseOf(draw),
      size = draw.between(0.2, 0.8) * b,
      full = draw.between(0.08, 0.2) * clock.hours * HOUR_SECONDS,
      { slope, v } = line(draw, clock, b, 0.25, 0.9);
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          fill(clock, (t) => b + size * Math.sqrt(Math.min(1, t / full))),
          v,
          rssNoise(draw, clock, b),
        ),
      },
      { slope },
    );
  },

  'leak-across-deploys': (draw) => {
    const clock = clockOf(draw, 168, 336);
    const b = baseOf(draw),
      slope = (draw.between(0.08, 0.3) * b) / 24,
      load = traffic(draw, clock),
      k = draw.between(0, 0.05);
    let at = -draw.between(5, 40) * HOUR_SECONDS,
      next = draw.between(20, 70) * HOUR_SECONDS;
    const begun = new Float64Array(clock.count),
      warm = draw.between(0, 0.2),
      tau = draw.between(0.1, 1) * HOUR_SECONDS;
    const v = new Float64Array(clock.count);
    for (let i = 0; i < clock.count; i++) {
      if (clock.seconds[i]! >= next) {
        at = clock.seconds[i]!;
        next = at + draw.between(40, 90) * HOUR_SECONDS;
      }
      begun[i] = clock.startSeconds + at;
      v[i] =
        b * (1 - warm * Math.exp(-(clock.seconds[i]! - at) / tau)) +
        (slope * (clock.seconds[i]! - at)) / HOUR_SECONDS;
    }
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(v, course(draw, clock, load, b, k), rssNoise(draw, clock, b)),
        ...starts(draw, clock, begun),
      },
      { slope },
    );
  },

  'one-leaking-replica': (draw) => {
    const clock = clockOf(draw, 24, 96, [300]);
    const k = draw.whole(3, 6),
      b = baseOf(draw),
      { slope, v } = line(draw, clock, b, 0.3, 0.9),
      bad = draw.whole(0, k - 1);
    const pods = Array.from({ length: k }, () => `api-${Math.floor(draw.between(1e5, 9e5)).toString(36)}`);
    const n = clock.count * k,
      times = new Float64Array(n),
      m = new Float64Array(n),
      label: string[] = [];
    const per = pods.map((_, p) =>
      sum(p === bad ? v : fill(clock, () => 0), b * draw.between(0.9, 1.1), rssNoise(draw, clock, b)),
    );
    for (let i = 0; i < clock.count; i++)
      for (let p = 0; p < k; p++) {
        times[i * k + p] = clock.seconds[i]!;
        m[i * k + p] = per[p]![i]!;
        label.push(pods[p]!);
      }
    return {
      clock: { ...clock, count: n, seconds: times },
      columns: { container_memory_working_set_bytes: m },
      labels: { pod: label },
      truth: { leak: true, slope, onset: null },
      clean: true,
    };
  },

  'leak-late-in-the-week': (draw) => {
    const clock = clockOf(draw, 150, 300);
    const b = baseOf(draw),
      load = traffic(draw, clock),
      at = draw.between(0.55, 0.72) * clock.hours * HOUR_SECONDS,
      slope = (draw.between(0.3, 0.9) * b) / (clock.hours - at / HOUR_SECONDS);
    return leaking(
      clock,
      {
        [rssName(draw)]: sum(
          fill(clock, (t) => b + (slope * Math.max(0, t - at)) / HOUR_SECONDS),
          course(draw, clock, load, b, draw.between(0.02, 0.1)),
          rssNoise(draw, clock, b),
        ),
      },
      { slope, onset: at },
    );
  },
};
