import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Series, seriesFrom } from '../model/series.ts';
import { checkText } from './check-text.ts';
import type { ClaimVerdict } from './claim.ts';
import { CONSISTENT } from './testing/consistent.ts';
import { CONTRADICTED } from './testing/contradicted.ts';

function verdictsOf(text: string, check: string): ClaimVerdict[] {
  return checkText(text)
    .claims.filter((claim) => claim.check === check)
    .map(({ verdict }) => verdict);
}

describe('consistent texts raise no alarm', () => {
  for (const [name, text] of Object.entries(CONSISTENT)) {
    test(name, () => {
      const { claims } = checkText(text);
      expect(claims.filter(({ verdict }) => verdict === 'contradicted')).toEqual([]);
    });
  }

  test('and what they state is said to hold', () => {
    const found = Object.values(CONSISTENT).flatMap((text) => checkText(text).claims);
    const holding = new Set(found.filter(({ verdict }) => verdict === 'holds').map(({ check }) => check));
    for (const check of [
      'growth-rate',
      'growth-shape',
      'time-to-limit',
      'alert-threshold',
      'explained-share',
      'restart-period',
      'ledger-fit',
      'ledger-balance',
      'per-operation',
      'per-operation-series',
      'reproduction',
      'time-estimate',
      'wait-against-stamps',
      'own-arithmetic',
      'verification-length',
      'thresholds-agree',
    ])
      expect([...holding]).toContain(check);
  });
});

describe('contradictions are found', () => {
  for (const { name, text, check, says } of CONTRADICTED) {
    test(name, () => {
      const claims = checkText(text).claims.filter((claim) => claim.check === check);
      expect(claims.map(({ verdict }) => verdict)).toContain('contradicted');
      const claim = claims.find(({ verdict }) => verdict === 'contradicted')!;
      if (says) expect(`${claim.because}\n${claim.arithmetic ?? ''}`).toMatch(says);
      expect(text.split('\n')[claim.line - 1]!.trim()).not.toBe('');
    });
  }

  test('each of the checks that can contradict does so in one of the texts', () => {
    expect(new Set(CONTRADICTED.map(({ check }) => check)).size).toBeGreaterThan(25);
  });
});

describe('a rate, a table and a limit', () => {
  const tables = fc.record({
    startMb: fc.integer({ min: 100, max: 2000 }),
    perHourMb: fc.integer({ min: 20, max: 600 }),
    firstHour: fc.integer({ min: 0, max: 23 }),
    rows: fc.integer({ min: 4, max: 12 }),
    unit: fc.constantFrom('MB', 'MiB'),
    style: fc.constantFrom('pipe', 'code', 'list'),
  });
  const period = fc.constantFrom<[number, string]>(
    [1, 'per hour'],
    [0.25, 'every 15 minutes'],
    [24, 'per day'],
    [1 / 60, 'per minute'],
  );

  function incident(
    {
      startMb,
      perHourMb,
      firstHour,
      rows,
      unit,
      style,
    }: { startMb: number; perHourMb: number; firstHour: number; rows: number; unit: string; style: string },
    statement: string,
  ): string {
    const lines = Array.from({ length: rows }, (_, at) => {
      const clock = `${String((firstHour + at) % 24).padStart(2, '0')}:00`;
      const value = `${startMb + at * perHourMb} ${unit}`;
      return style === 'pipe'
        ? `| ${clock} | ${value} |`
        : style === 'code'
          ? `${clock}   ${value}`
          : `- ${clock}: ${value}`;
    });
    const head = style === 'pipe' ? ['| time | memory |', '| --- | --- |'] : [];
    const fence = style === 'code' ? ['```'] : [];
    return ['# Leak', '', 'Memory:', '', ...fence, ...head, ...lines, ...fence, '', statement, ''].join('\n');
  }

  test('agree when the rate is that of the table, whatever units, periods and layout', () => {
    fc.assert(
      fc.property(tables, period, (table, [hours, words]) => {
        const amount = (table.perHourMb * hours).toFixed(2);
        const text = incident(table, `Memory grows by ~${amount} ${table.unit} ${words}.`);
        expect(verdictsOf(text, 'growth-rate')).toEqual(['holds']);
      }),
      { numRuns: 60 },
    );
  });

  test('disagree when the rate is half or twice of it', () => {
    fc.assert(
      fc.property(tables, period, fc.constantFrom(0.5, 2, 3), (table, [hours, words], factor) => {
        const amount = (table.perHourMb * hours * factor).toFixed(2);
        const text = incident(table, `Memory grows by ~${amount} ${table.unit} ${words}.`);
        expect(verdictsOf(text, 'growth-rate')).toEqual(['contradicted']);
      }),
      { numRuns: 60 },
    );
  });

  test('agree when the time to the limit is what is left over the rate, and not when it is three times that', () => {
    fc.assert(
      fc.property(tables, fc.constantFrom(1, 3), fc.integer({ min: 2, max: 40 }), (table, factor, hours) => {
        const last = table.startMb + (table.rows - 1) * table.perHourMb;
        const limit = last + hours * table.perHourMb;
        const text = incident(
          table,
          `The memory limit is ${limit} ${table.unit}.\n\nTime to OOM: ~${hours * factor} hours`,
        );
        expect(verdictsOf(text, 'time-to-limit')).toEqual([factor === 1 ? 'holds' : 'contradicted']);
      }),
      { numRuns: 60 },
    );
  });
});

test('any text is read without an error, and every claim names a line of it', () => {
  const pieces = fc.constantFrom(
    '# Memory',
    '```',
    '| a | b |',
    '12:00  5MB',
    '- 3/min',
    'limit 2Gi',
    'Time to OOM: ~3 hours',
    '99%',
    '\u0000',
    'kill -USR2 1',
    'r=0.9',
    '0 MB',
    'from 0 to 0',
    '> quote',
    '24:00 1 MB',
    'Day 3',
    'Ruby',
    '****',
    '50MB/hour',
    'restart every 0 hours',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 30 }), (parts) => {
      const text = parts.join('\n');
      const { claims } = checkText(text);
      const count = text.split(/\r\n|\n|\r/).length;
      for (const { line } of claims) expect(line >= 0 && line <= count).toBe(true);
    }),
    { numRuns: 200 },
  );
});

describe('a correlation, with the series as evidence', () => {
  const steps = Array.from({ length: 300 }, (_, at) => ((at * 7919) % 101) + ((at * 104_729) % 37));
  const other = Array.from({ length: 300 }, (_, at) => ((at * 15_485_863) % 89) + ((at * 31) % 23));
  const sum = (changes: readonly number[]): number[] => {
    let total = 0;
    return changes.map((change) => (total += change));
  };
  const series = (name: string, unit: 'bytes' | 'count', values: readonly number[]): Series =>
    seriesFrom(
      { name, labels: {}, unit, kind: 'unknown', source: 'x' },
      values.map((_, at) => 1.7e12 + at * 60_000),
      values,
    );
  const text = '# x\n\nMemory correlates with uploads (r=0.99).\n';

  test('holds when the differences move together', () => {
    const evidence = {
      series: [
        series('rss_bytes', 'bytes', sum(steps.map((n) => n * 1000))),
        series('uploads_total', 'count', sum(steps)),
      ],
      logs: [],
    };
    expect(checkText(text, evidence).claims).toMatchObject([{ check: 'correlation', verdict: 'holds' }]);
  });

  test('is contradicted when only the levels do', () => {
    const evidence = {
      series: [
        series('rss_bytes', 'bytes', sum(other.map((n) => n * 1000))),
        series('uploads_total', 'count', sum(steps)),
      ],
      logs: [],
    };
    expect(checkText(text, evidence).claims).toMatchObject([
      { check: 'correlation', verdict: 'contradicted' },
    ]);
  });
});

test('a text without anything to check cannot tell', () => {
  expect(checkText('# Nothing\n\nIt is slow.\n').verdict).toBe('cannot-tell');
});
