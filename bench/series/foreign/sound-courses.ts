import { clockOf, DAY_SECONDS, fill, HOUR_SECONDS, sum, wander } from './clock.ts';
import { counter, traffic } from './load.ts';
import type { Maker } from './made.ts';
import { healthy } from './made.ts';
import { baseOf, cols, rssName, rssNoise } from './process.ts';

/** Healthy: days, weeks, jobs, restarts and noise. */
export const SOUND_COURSES: Readonly<Record<string, Maker>> = {
  'weekly-course': (draw) => {
    const clock = clockOf(draw, 168, 336);
    const b = baseOf(draw);
    const load = traffic(draw, clock, { weekend: draw.between(0.4, 0.8) });
    const k = draw.between(0.05, 0.35);
    let s = 1;
    const follow = Math.exp(-clock.stepSeconds / (draw.between(0.2, 2) * HOUR_SECONDS));
    const v = Float64Array.from(load, (l) => {
      s = follow * s + (1 - follow) * l;
      return b * (1 + k * (s - 1));
    });
    return healthy(
      clock,
      cols(
        draw,
        rssName(draw),
        sum(v, rssNoise(draw, clock, b)),
        draw.chance(0.4) ? { http_requests_total: counter(draw, clock, load, 30) } : {},
      ),
    );
  },

  'deploys-with-warm-up': (draw) => {
    const clock = clockOf(draw, 96, 336);
    const b = baseOf(draw);
    const v = new Float64Array(clock.count),
      begun = new Float64Array(clock.count);
    const load = traffic(draw, clock);
    const k = draw.between(0, 0.15);
    let at = -draw.between(1, 40) * HOUR_SECONDS,
      next = draw.between(10, 60) * HOUR_SECONDS,
      version = 1,
      warm = draw.between(0.1, 0.4),
      tau = draw.between(0.3, 3) * HOUR_SECONDS;
    for (let i = 0; i < clock.count; i++) {
      if (clock.seconds[i]! >= next) {
        at = clock.seconds[i]!;
        next = at + draw.between(12, 80) * HOUR_SECONDS;
        version *= 1 + 0.04 * draw.normal();
      }
      v[i] = b * version * (1 - warm * Math.exp(-(clock.seconds[i]! - at) / tau) + k * (load[i]! - 1));
      begun[i] = clock.startSeconds + at;
    }
    return healthy(
      clock,
      cols(
        draw,
        rssName(draw),
        sum(v, rssNoise(draw, clock, b)),
        draw.chance(0.5) ? { process_start_time_seconds: begun } : {},
      ),
    );
  },

  'autoscaled-sum': (draw) => {
    const clock = clockOf(draw, 48, 240);
    const b = baseOf(draw),
      load = traffic(draw, clock, { amp: draw.between(0.4, 0.8) });
    let pods = 4;
    const lag = draw.between(0.2, 1) * HOUR_SECONDS;
    let seen = 1;
    const count = new Float64Array(clock.count);
    const v = Float64Array.from(load, (l, i) => {
      seen += ((l - seen) * clock.stepSeconds) / lag;
      const want = Math.max(2, Math.ceil(seen * 5));
      if (want > pods || want < pods - 1) pods = want;
      count[i] = pods;
      return pods * b;
    });
    return healthy(clock, {
      container_memory_working_set_bytes: sum(v, rssNoise(draw, clock, b * 4)),
      ...(draw.chance(0.6) ? { replicas: count } : {}),
    });
  },

  'batch-worker': (draw) => {
    const clock = clockOf(draw, 12, 120);
    const b = baseOf(draw),
      size = draw.between(0.3, 2) * b,
      dwell = (clock.hours / draw.between(15, 60)) * HOUR_SECONDS;
    let busy = draw.chance(0.5);
    const v = fill(clock, () => {
      if (draw.chance(clock.stepSeconds / (busy ? dwell * 0.6 : dwell))) busy = !busy;
      return b + (busy ? size * draw.between(0.85, 1) : 0);
    });
    return healthy(clock, { [rssName(draw)]: sum(v, rssNoise(draw, clock, b)) });
  },

  'heavy-tails': (draw) => {
    const clock = clockOf(draw, 6, 120);
    const b = baseOf(draw),
      p = draw.between(0.01, 0.1),
      a = draw.between(1.3, 2.5);
    return healthy(clock, {
      [rssName(draw)]: sum(
        fill(clock, () => b * (1 + (draw.chance(p) ? Math.min(4, 0.03 * draw.pareto(a)) : 0))),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'arena-steps': (draw) => {
    const clock = clockOf(draw, 6, 120);
    const b = baseOf(draw),
      q = draw.between(0.01, 0.06) * b,
      w = wander(draw, clock, b * draw.between(0.005, 0.04), clock.hours / draw.between(20, 60));
    return healthy(clock, { [rssName(draw)]: Float64Array.from(w, (x) => Math.round((b + x) / q) * q) });
  },

  'cron-jobs': (draw) => {
    const clock = clockOf(draw, 30, 200);
    const b = baseOf(draw),
      every = draw.pick([1, 2, 6, 24]) * HOUR_SECONDS,
      last = draw.between(0.05, 0.4) * Math.min(every, 4 * HOUR_SECONDS),
      size = draw.between(0.2, 1.5) * b,
      phase = draw.between(0, every);
    return healthy(clock, {
      [rssName(draw)]: sum(
        fill(clock, (t) => b + ((t + phase) % every < last ? size * draw.between(0.8, 1) : 0)),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'nightly-restarts': (draw) => {
    const clock = clockOf(draw, 72, 240);
    const b = baseOf(draw),
      warm = draw.between(0.1, 0.4),
      tau = draw.between(0.3, 2.5) * HOUR_SECONDS,
      at = draw.between(0, DAY_SECONDS);
    const load = traffic(draw, clock),
      k = draw.between(0, 0.1);
    const v = fill(clock, (t) => {
      const age = (t + DAY_SECONDS - at) % DAY_SECONDS;
      return b * (1 - warm * Math.exp(-age / tau));
    });
    const begun = fill(clock, (t) => clock.startSeconds + t - ((t + DAY_SECONDS - at) % DAY_SECONDS));
    return healthy(
      clock,
      cols(
        draw,
        rssName(draw),
        sum(
          v,
          Float64Array.from(load, (l) => b * k * (l - 1)),
          rssNoise(draw, clock, b),
        ),
        draw.chance(0.5) ? { process_start_time_seconds: begun } : {},
      ),
    );
  },

  'growing-traffic': (draw) => {
    const clock = clockOf(draw, 36, 168);
    const b = baseOf(draw),
      g = draw.between(0.3, 0.9),
      k = draw.between(0.2, 0.5);
    const raw = traffic(draw, clock);
    const load = Float64Array.from(raw, (l, i) => l * (1 + (g * i) / clock.count));
    let s = load[0]!;
    const f = Math.exp(-clock.stepSeconds / (draw.between(0.02, 0.3) * HOUR_SECONDS));
    const v = Float64Array.from(load, (l) => {
      s = f * s + (1 - f) * l;
      return b * (1 + k * s);
    });
    return healthy(clock, {
      [rssName(draw)]: sum(v, rssNoise(draw, clock, b, 0.7)),
      http_requests_total: counter(draw, clock, load, 40),
    });
  },

  'returning-wander': (draw) => {
    const clock = clockOf(draw, 12, 240);
    const b = baseOf(draw);
    return healthy(clock, {
      [rssName(draw)]: sum(
        fill(clock, () => b),
        wander(draw, clock, b * draw.between(0.01, 0.05), clock.hours / draw.between(15, 40)),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'given-back-at-rest': (draw) => {
    const clock = clockOf(draw, 48, 200);
    const b = baseOf(draw),
      load = traffic(draw, clock, { amp: draw.between(0.5, 0.8) });
    const up = draw.between(0.2, 0.6);
    const fall = draw.between(2, 10) * HOUR_SECONDS;
    let s = 0;
    return healthy(clock, {
      [rssName(draw)]: sum(
        Float64Array.from(load, (l) => {
          const want = up * b * Math.max(0, l - 0.5);
          s = want > s ? want : s + ((want - s) * clock.stepSeconds) / fall;
          return b + s;
        }),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'crash-restarts': (draw) => {
    const clock = clockOf(draw, 24, 200);
    const b = baseOf(draw),
      warm = draw.between(0.2, 0.6),
      tau = draw.between(0.05, 0.5) * HOUR_SECONDS;
    let at = -10 * HOUR_SECONDS;
    const p = clock.stepSeconds / ((clock.hours / draw.between(3, 12)) * HOUR_SECONDS);
    const restarts = new Float64Array(clock.count);
    let k = 0;
    const v = fill(clock, (t, i) => {
      if (draw.chance(p)) {
        at = t;
        k++;
      }
      restarts[i] = k;
      return b * (1 - warm * Math.exp(-(t - at) / tau));
    });
    return healthy(clock, {
      [rssName(draw)]: sum(v, rssNoise(draw, clock, b)),
      ...(draw.chance(0.5) ? { restarts_total: restarts } : {}),
    });
  },
};
