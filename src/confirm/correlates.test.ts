import { expect, test } from 'vitest';
import { type Series, seriesFrom } from '../model/series.ts';
import { confirmSet } from './confirm-set.ts';
import { correlatesOf, ledgersOf } from './correlates.ts';

const STEP_MS = 60_000;
const MINUTES = 300;

/** A repeatable stream of numbers from 0 to 1. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

function series(
  name: string,
  unit: Series['unit'],
  kind: Series['kind'],
  valueAt: (minute: number) => number,
): Series {
  const minutes = Array.from({ length: MINUTES }, (_, minute) => minute);
  const times = minutes.map((minute) => 1_700_000_000_000 + minute * STEP_MS);
  return seriesFrom({ name, labels: {}, unit, kind, source: 'drawn' }, times, minutes.map(valueAt));
}

/** Memory that gains 10 kB for each thing opened and never closed; another counter that only trends as well. */
function drawn(): Series[] {
  const random = noise(7);
  const opened = Array.from({ length: MINUTES }, () => Math.round(20 + 60 * random()));
  const other = Array.from({ length: MINUTES }, () => Math.round(50 + 100 * random()));
  const summed = (steps: readonly number[]) => {
    let sum = 0;
    return steps.map((step) => {
      sum += step;
      return sum;
    });
  };
  const [opens, others] = [summed(opened), summed(other)];
  return [
    series('process_resident_memory_bytes', 'bytes', 'gauge', (minute) => 2e8 + 10_000 * opens[minute]!),
    series('connections_opened_total', null, 'counter', (minute) => opens[minute]!),
    series('connections_closed_total', null, 'counter', (minute) => Math.round(opens[minute]! * 0.1)),
    series('emails_sent_total', null, 'counter', (minute) => others[minute]!),
  ];
}

test('what drives the growth is told from what only trends beside it', () => {
  const all = drawn();
  const [confirmation] = confirmSet(all);
  const verdicts = new Map(correlatesOf(confirmation!, all).map(({ metric, verdict }) => [metric, verdict]));
  expect(verdicts.get('connections_opened_total')).toBe('related');
  expect(verdicts.get('emails_sent_total')).not.toBe('related');
});

test('openings without closings are held against the growth', () => {
  const all = drawn();
  const [confirmation] = confirmSet(all);
  const [ledger] = ledgersOf(confirmation!, all);
  expect(ledger).toMatchObject({ opened: 'connections_opened_total', closed: 'connections_closed_total' });
  expect(ledger!.leftOpen).toBeGreaterThan(1000);
  expect(ledger!.bytesEach).toBeGreaterThan(5_000);
  expect(ledger!.bytesEach).toBeLessThan(20_000);
});

test('without other series nothing is said', () => {
  const [memory] = drawn();
  const [confirmation] = confirmSet([memory!]);
  expect(correlatesOf(confirmation!, [memory!])).toEqual([]);
  expect(ledgersOf(confirmation!, [memory!])).toEqual([]);
});
