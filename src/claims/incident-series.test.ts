import { expect, test } from 'vitest';
import { confirmSet } from '../confirm/confirm-set.ts';
import { incidentSeriesOf } from './incident-series.ts';

const MIXED = `# Mail relay leaks
**Triggered**: 2025-03-09 11:40 UTC
## Timeline
**11:50 UTC** - relay-0 OOM-killed (limit 768 MiB)
**11:58 UTC** - Pod restarted
## Open timers
\`\`\`
Metric: relay_open_timers
11:00  310 timers
11:10  498 timers
11:20  689 timers
11:30  877 timers
11:40  1,066 timers
11:55  1,190 timers (after restart: 88)
\`\`\`
`;

test('a row between two processes belongs to neither; what it says of the next is a point of that one', () => {
  const { series, notes, events, limitBytes } = incidentSeriesOf(MIXED, 'mail.md');
  const [timers] = series;
  expect([...timers!.values]).toEqual([310, 498, 689, 877, 1066, 88]);
  expect(new Date(timers!.times.at(-1)!).toISOString()).toBe('2025-03-09T11:58:00.000Z');
  expect(notes.join()).toMatch(/line 14: the row for 11:55 .* left out/);
  expect(limitBytes).toBe(768 * 1024 ** 2);
  const [judged] = confirmSet(series, { metric: timers!.name, events });
  expect(judged!.verdict).toBe('leak');
  expect(judged!.restarts.map(({ at }) => at)).toEqual(['2025-03-09T11:58:00Z']);
  expect(judged!.ratePerHour!.value).toBeCloseTo(1134, -1);
});

test('a timeline without a table: too few points for a verdict, but the pace and the limit are told', () => {
  const text = `# Ledger pods
Metric: working set. Current: 900MB (started at 500MB after last deploy). OOM at 1.2GB
## Timeline
**Day 1 - 02:00 UTC**: Deployed v9
**Day 1 - 10:00 UTC**: Memory at 600MB
**Day 1 - 16:00 UTC**: Memory at 900MB
`;
  const { series, limitBytes, events } = incidentSeriesOf(text, 'ledger.md');
  expect([...series[0]!.values]).toEqual([5e8, 6e8, 9e8]);
  const [judged] = confirmSet(series, { limit: limitBytes ?? undefined, events });
  expect(judged!.verdict).toBe('inconclusive');
  // 300 MB in 6 h: 50 MB an hour, and 300 MB are left.
  expect(judged!.reasons.join()).toMatch(
    /4 times as fast as the first.*the limit is 6 h away at the last pace, 10.5 h at the mean one/,
  );
});

test('a text without numbers over time has no series', () => {
  expect(incidentSeriesOf('# Runbook\n\nRestart the pod.\n', 'x.md').series).toEqual([]);
});
