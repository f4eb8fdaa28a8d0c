import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Series, seriesFrom } from '../../model/series.ts';
import { studentT } from '../series/student-t.ts';
import { adjustedP } from './benjamini-hochberg.ts';
import { correlate } from './correlate.ts';
import { ledgerFit, ledgerPairs } from './ledgers.ts';
import { seriesLedgers } from './series-ledgers.ts';
import { studentP } from './student.ts';

/** Small, fast, the same everywhere (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

function series(
  name: string,
  values: readonly number[],
  kind: Series['kind'] = 'gauge',
  stepMs = 60_000,
): Series {
  return seriesFrom(
    { name, labels: {}, unit: null, kind, source: 'test' },
    values.map((_, at) => at * stepMs),
    values,
  );
}

function cumulative(changes: readonly number[]): number[] {
  let sum = 0;
  return changes.map((change) => (sum += change));
}

describe('correlation of differences', () => {
  test('finds the activity that drives memory, its lag, and the bytes per operation', () => {
    const next = random(1);
    const joins = Array.from({ length: 400 }, () => Math.floor(20 * next() * next()));
    const requests = Array.from({ length: 400 }, () => Math.floor(200 * next()));
    const memory = cumulative(joins.map((_, at) => 1000 * (joins[at - 2] ?? 0) + 500 * normal(next)));
    const found = correlate(series('rss', memory), [
      series('requests_total', cumulative(requests), 'counter'),
      series('joins_total', cumulative(joins), 'counter'),
    ]);
    expect(found[0]).toMatchObject({
      metric: 'joins_total',
      verdict: 'related',
      lagSeconds: 120,
      on: 'differences',
    });
    expect(found[0]!.perOperation!.low).toBeLessThan(1000);
    expect(found[0]!.perOperation!.high).toBeGreaterThan(1000);
    expect(found[0]!.perOperation!.high - found[0]!.perOperation!.low).toBeLessThan(100);
    expect(found[1]).toMatchObject({ metric: 'requests_total', verdict: 'unrelated', perOperation: null });
  });

  test('is not fooled by trends: of 200 independent rising series hardly one is related', () => {
    const next = random(7);
    let related = 0;
    for (let pair = 0; pair < 200; pair++) {
      const rising = (slope: number): number[] =>
        cumulative(Array.from({ length: 150 }, () => slope * (1 + normal(next))));
      const [found] = correlate(series('rss', rising(5)), [series('sessions', rising(3))]);
      if (found!.verdict === 'related') related++;
    }
    expect(related).toBeLessThanOrEqual(10);
  });

  test('nor by smooth differences, whose neighbours are alike', () => {
    const next = random(11);
    let related = 0;
    for (let pair = 0; pair < 100; pair++) {
      const smooth = (): number[] => {
        let level = 0;
        return cumulative(Array.from({ length: 300 }, () => (level = 0.9 * level + normal(next))));
      };
      const [found] = correlate(series('rss', smooth()), [series('load', smooth())]);
      if (found!.verdict === 'related') related++;
    }
    expect(related).toBeLessThanOrEqual(8);
  });

  test('many metrics are tried, few are believed by chance', () => {
    const next = random(3);
    const noise = (): number[] => cumulative(Array.from({ length: 120 }, () => normal(next) + 2));
    const found = correlate(
      series('rss', noise()),
      Array.from({ length: 200 }, (_, at) => series(`m${at}`, noise())),
    );
    expect(found.filter(({ verdict }) => verdict === 'related').length).toBeLessThanOrEqual(2);
  });

  test('the 95 % interval per operation covers the truth', () => {
    let covered = 0;
    for (let run = 0; run < 200; run++) {
      const next = random(100 + run);
      const jobs = Array.from({ length: 80 }, () => Math.floor(10 * next()));
      const memory = cumulative(jobs.map((count) => 50 * count + 100 * normal(next)));
      const [found] = correlate(series('rss', memory), [series('jobs_total', cumulative(jobs), 'counter')], {
        maxLag: 0,
      });
      if (found!.perOperation && found!.perOperation.low <= 50 && found!.perOperation.high >= 50) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(180);
  });

  test('too little says unknown; a reset, a gap and a restart are left out', () => {
    expect(correlate(series('rss', [1, 2, 3, 4]), [series('x', [1, 2, 3, 4])])[0]).toMatchObject({
      verdict: 'unknown',
    });
    const next = random(5);
    const jobs = Array.from({ length: 200 }, () => Math.floor(10 * next()));
    const total = cumulative(jobs);
    const rss = cumulative(jobs.map((count) => 1e6 + 1000 * count));
    for (let at = 100; at < 200; at++) {
      total[at]! -= total[99]!;
      rss[at]! -= rss[99]!;
    }
    expect(correlate(series('rss', rss), [series('jobs_total', total, 'counter')])[0]).toMatchObject({
      verdict: 'related',
      lagSeconds: 0,
    });
  });
});

describe('statistics', () => {
  test("Student's t has the table's values", () => {
    for (const [degrees, t] of [
      [1, 12.706],
      [5, 2.571],
      [10, 2.228],
      [30, 2.042],
      [1000, 1.962],
    ] as const) {
      expect(studentT(0.975, degrees)).toBeCloseTo(t, 2);
      expect(studentP(t, degrees)).toBeCloseTo(0.05, 3);
    }
  });

  test('Benjamini and Hochberg: the example of the paper, and the definition', () => {
    const paper = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
      0.759, 1,
    ];
    expect([...adjustedP(paper)].filter((p) => p <= 0.05).length).toBe(4);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        (ps, rate) => {
          const sorted = ps.toSorted((a, b) => a - b);
          let k = 0;
          for (const [at, p] of sorted.entries()) if (p * ps.length <= rate * (at + 1)) k = at + 1;
          const believed = [...adjustedP(ps)].filter((p) => p <= rate * (1 + 1e-12)).length;
          expect(believed).toBe(k === 0 ? 0 : ps.filter((p) => p <= sorted[k - 1]!).length);
        },
      ),
    );
  });
});

describe('ledgers', () => {
  const pairOf = (...names: string[]): string[] =>
    ledgerPairs(names).map(({ opened, closed, active }) =>
      [opened.name, closed.name, active?.name ?? ''].join(' '),
    );

  test('are found by the stems of names', () => {
    expect(
      pairOf('websocket.connection.total', 'websocket.connection.active', 'websocket.disconnect.total'),
    ).toEqual(['websocket.connection.total websocket.disconnect.total websocket.connection.active']);
    expect(pairOf('Chunked uploads initiated', 'Chunked uploads completed', 'File uploads')).toEqual([
      'Chunked uploads initiated Chunked uploads completed ',
    ]);
    expect(pairOf('listeners_added_total', 'listeners_removed_total')).toHaveLength(1);
    expect(pairOf('dbConnAcquired', 'dbConnReleased')).toHaveLength(1);
    expect(pairOf('files_opened', 'files_closed', 'sockets_opened', 'sockets_closed').sort()).toEqual([
      'files_opened files_closed ',
      'sockets_opened sockets_closed ',
    ]);
    expect(pairOf('session.created', 'session.destroyed')).toHaveLength(1);
    expect(pairOf('jobs_enqueued', 'jobs_processed')).toHaveLength(1);
    expect(pairOf('topic.subscribe', 'topic.unsubscribe')).toHaveLength(1);
  });

  test('are not made of things that have nothing to do with each other', () => {
    expect(pairOf('files_opened', 'sockets_closed')).toEqual([]);
    expect(pairOf('http_requests_total', 'gc_collections_total', 'cpu_seconds')).toEqual([]);
    expect(pairOf('uploads_started', 'users_removed')).toEqual([]);
  });

  test('are tested in number and in bytes', () => {
    expect(ledgerFit(180, 2600)).toMatchObject({ verdict: 'too-few' });
    expect(ledgerFit(7624, 1892).verdict).toBe('too-many');
    expect(ledgerFit(1000, 1100, 5e6)).toMatchObject({ verdict: 'fits', bytesEach: 5000 });
  });

  test('over time: what stays open explains the growth, what balances does not', () => {
    const next = random(9);
    const steps = 200;
    const opened = Array.from({ length: steps }, () => 10 + Math.floor(10 * next()));
    const lost = opened.map((count) => Math.floor(count * next() * 0.3));
    const memory = cumulative(lost.map((count) => 10_000 * count + 5000 * normal(next)));
    const busy = Array.from({ length: steps }, () => Math.floor(30 * next()));
    const ledgers = seriesLedgers(
      [
        series('uploads_started_total', cumulative(opened), 'counter'),
        series(
          'uploads_completed_total',
          cumulative(opened.map((count, at) => count - lost[at]!)),
          'counter',
        ),
        series('calls_started_total', cumulative(busy), 'counter'),
        series('calls_finished_total', cumulative(busy), 'counter'),
      ],
      series('rss', memory),
    );
    const uploads = ledgers.find(({ opened: name }) => name.startsWith('uploads'))!;
    const calls = ledgers.find(({ opened: name }) => name.startsWith('calls'))!;
    expect(uploads.verdict).toBe('explains');
    expect(uploads.bytesEach! / 10_000).toBeCloseTo(1, 1);
    expect(calls).toMatchObject({ verdict: 'cannot-explain', leftOpen: 0 });
  });
});
