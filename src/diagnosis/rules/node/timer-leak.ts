import type { Rule } from '../rule.ts';

/** Timers that were started and never cleared; each keeps its callback and what that captures. */
export const timerLeak: Rule = {
  id: 'timer-leak',
  runtime: 'node',
  pattern: 'timer-leak',
  match({ group, members, shapes }) {
    const memberIsTimer = group.sites.some(
      (site) => site.shape.text === 'Timeout' || site.shape.text === 'Immediate',
    );
    // A timer far up the path only happens to hold what leaks.
    const near = shapes.slice(-4);
    const inTimers = near.includes('TimersList') || near.includes('ImmediateList');
    if (!memberIsTimer && !inTimers) return null;
    const callback = members.callbacks[0]?.location ?? null;
    return {
      fit: inTimers ? 0.97 : 0.6,
      title: 'Timers are started and never cleared',
      adds: callback,
      code: {
        adds: [/\bset(?:Interval|Timeout|Immediate)\s*\(/],
        removes: [/\bclear(?:Interval|Timeout|Immediate)\s*\(/],
      },
      reasons: [
        ...(inTimers ? ["they wait in the runtime's own timer lists"] : []),
        ...(members.captured.length > 0
          ? [`each timer's callback keeps ${members.captured.slice(0, 4).join(', ')} alive`]
          : []),
      ],
      against: [],
      remedy: {
        summary: 'Keep the handle of the timer and clear it when the thing that it serves ends.',
        example: 'const timer = setInterval(tick, 1000);\n// when it ends:\nclearInterval(timer);',
      },
    };
  },
};
