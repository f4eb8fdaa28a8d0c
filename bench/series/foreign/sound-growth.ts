import { clockOf, fill, HOUR_SECONDS, sum } from './clock.ts';
import { beside, traffic } from './load.ts';
import type { Maker } from './made.ts';
import { healthy } from './made.ts';
import { baseOf, rssName, rssNoise } from './process.ts';

/** Healthy: memory that grows for a time, and comes to rest. */
export const SOUND_GROWTH: Readonly<Record<string, Maker>> = {
  'cache-exponential': (draw) => {
    const clock = clockOf(draw, 4, 168);
    const b = baseOf(draw),
      size = draw.between(0.2, 2) * b,
      tau = (clock.hours * HOUR_SECONDS) / draw.between(6, 14),
      lag = draw.chance(0.5) ? draw.between(0, 0.1) * clock.hours * HOUR_SECONDS : 0;
    return healthy(clock, {
      [rssName(draw)]: sum(
        fill(clock, (t) => b + size * (1 - Math.exp(-Math.max(0, t - lag) / tau))),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'cache-square-root': (draw) => {
    const clock = clockOf(draw, 4, 168);
    const b = baseOf(draw),
      size = draw.between(0.2, 1.5) * b,
      full = draw.between(0.15, 0.55) * clock.hours * HOUR_SECONDS;
    return healthy(clock, {
      [rssName(draw)]: sum(
        fill(clock, (t) => b + size * Math.sqrt(Math.min(1, t / full))),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'cache-of-rare-keys': (draw) => {
    const clock = clockOf(draw, 12, 240);
    const b = baseOf(draw),
      load = traffic(draw, clock),
      size = draw.between(0.3, 1.5) * b,
      beta = draw.between(0.4, 0.75),
      full = draw.between(0.2, 0.55);
    let total = 0;
    for (const l of load) total += l;
    let seen = 0;
    const v = Float64Array.from(load, (l) => {
      seen += l;
      return b + size * Math.min(1, (seen / (full * total)) ** beta);
    });
    return healthy(clock, { [rssName(draw)]: sum(v, rssNoise(draw, clock, b)) });
  },

  'cache-with-expiry': (draw) => {
    const clock = clockOf(draw, 12, 120);
    const b = baseOf(draw),
      load = traffic(draw, clock),
      ttl = draw.between(0.03, 0.15) * clock.hours * HOUR_SECONDS,
      k = (draw.between(0.1, 0.6) * b) / (ttl / clock.stepSeconds);
    const window = Math.max(1, Math.round(ttl / clock.stepSeconds));
    let s = 0;
    const v = Float64Array.from(load, (l, i) => {
      s += l;
      if (i >= window) s -= load[i - window]!;
      return b + k * s;
    });
    return healthy(clock, {
      [rssName(draw)]: sum(v, rssNoise(draw, clock, b)),
      ...beside(draw, clock, load),
    });
  },

  'creeping-fragmentation': (draw) => {
    const clock = clockOf(draw, 12, 240);
    const b = baseOf(draw),
      a = draw.between(0.01, 0.05),
      t0 = clock.hours * HOUR_SECONDS * draw.spread(0.002, 0.02);
    const load = traffic(draw, clock),
      k = draw.between(0, 0.04);
    const v = fill(clock, (t) => b * (1 + a * Math.log(1 + t / t0)));
    return healthy(clock, {
      [rssName(draw)]: sum(
        v,
        Float64Array.from(load, (l) => b * k * l),
        rssNoise(draw, clock, b, 0.6),
      ),
    });
  },

  'page-cache-at-limit': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = baseOf(draw),
      limit = b * draw.between(1.8, 3),
      full = draw.between(0.1, 0.4) * clock.hours * HOUR_SECONDS;
    const ws = sum(
      fill(clock, () => b),
      rssNoise(draw, clock, b),
    );
    const usage = Float64Array.from(ws, (w, i) =>
      Math.min(
        limit * (0.995 - 0.01 * Math.abs(draw.normal())),
        w + ((limit - b) * clock.seconds[i]!) / full,
      ),
    );
    return healthy(
      clock,
      { container_memory_usage_bytes: usage, container_memory_working_set_bytes: ws },
      { limit },
    );
  },

  'log-rotation': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = baseOf(draw),
      period = (clock.hours / draw.between(6, 30)) * HOUR_SECONDS,
      size = draw.between(0.1, 0.5) * b,
      phase = draw.between(0, period);
    return healthy(clock, {
      container_memory_working_set_bytes: sum(
        fill(clock, (t) => b + size * (((t + phase) % period) / period)),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'feature-flag': (draw) => {
    const clock = clockOf(draw, 12, 168);
    const b = baseOf(draw),
      at = draw.between(0.2, 0.7) * clock.hours * HOUR_SECONDS,
      rise = draw.between(0.1, 1) * HOUR_SECONDS * Math.min(1, clock.hours / 24),
      size = draw.between(0.1, 0.6) * b;
    return healthy(clock, {
      [rssName(draw)]: sum(
        fill(clock, (t) => b + size * Math.min(1, Math.max(0, (t - at) / rise))),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'gradual-rollout': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = baseOf(draw),
      span = draw.between(0.08, 0.25),
      at = draw.between(0.1, 0.55 - span) * clock.hours * HOUR_SECONDS,
      rise = span * clock.hours * HOUR_SECONDS,
      size = draw.between(0.1, 0.6) * b;
    const steps = draw.pick([1000, 1000, 4, 5, 10]);
    return healthy(clock, {
      [rssName(draw)]: sum(
        fill(
          clock,
          (t) => b + (size * Math.floor(Math.min(1, Math.max(0, (t - at) / rise)) * steps)) / steps,
        ),
        rssNoise(draw, clock, b),
      ),
    });
  },

  'config-reloads': (draw) => {
    const clock = clockOf(draw, 24, 168);
    const b = baseOf(draw);
    let level = 0,
      spike = 0;
    const p = clock.stepSeconds / ((clock.hours / draw.between(8, 30)) * HOUR_SECONDS);
    const v = fill(clock, () => {
      if (draw.chance(p)) {
        level = 0.3 * level + 0.05 * b * draw.normal();
        spike = draw.between(0.1, 0.4) * b;
      }
      spike *= Math.exp(-clock.stepSeconds / (0.2 * HOUR_SECONDS));
      return b + level + spike;
    });
    return healthy(clock, { [rssName(draw)]: sum(v, rssNoise(draw, clock, b)) });
  },

  'lazy-initialisation': (draw) => {
    const clock = clockOf(draw, 12, 120);
    const b = baseOf(draw),
      n = draw.whole(5, 25),
      span = clock.hours * HOUR_SECONDS * draw.between(0.05, 0.12);
    const at = Array.from({ length: n }, () => draw.exponential(span)),
      size = at.map(() => (draw.exponential(1) * 0.5 * b) / n);
    return healthy(clock, {
      [rssName(draw)]: sum(
        fill(clock, (t) => {
          let s = b;
          for (let k = 0; k < n; k++) if (at[k]! < t) s += size[k]!;
          return s;
        }),
        rssNoise(draw, clock, b),
      ),
    });
  },
};
