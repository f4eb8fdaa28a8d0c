import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Spreads operations evenly over time, for all clients together.
 *
 * @param {number} opsPerSecond 0 is as fast as possible
 * @returns {() => Promise<void>} resolves when the next operation may begin
 */
export function createPace(opsPerSecond) {
  if (opsPerSecond === 0) return async () => {};
  let nextAtMs = performance.now();
  return async () => {
    const nowMs = performance.now();
    const waitMs = nextAtMs - nowMs;
    nextAtMs = Math.max(nextAtMs, nowMs) + 1000 / opsPerSecond;
    if (waitMs > 0) await sleep(waitMs);
  };
}
