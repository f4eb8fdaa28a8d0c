import { expect, test } from 'vitest';
import { type Chart, chartLines } from './chart.ts';
import { paint } from './text.ts';

const rising: Chart = {
  times: [0, 10, 20, 30],
  values: [100, 200, 300, 400],
  slope: null,
  limit: null,
  marks: [],
};
const size = { columns: 8, rows: 4, label: String };
const drawn = (chart: Chart): string[] => paint(chartLines(chart, size), false).trimEnd().split('\n');

test('a rise goes from the lower left to the upper right, with the extremes beside it', () => {
  const rows = drawn(rising);
  expect(rows).toHaveLength(4);
  expect(rows[0]).toMatch(/^400 .*[⠀-⣿]$/);
  expect(rows[3]).toMatch(/^100 [⠁-⣿]/);
  expect(rows[0]!.slice(4, 6).trim()).toBe('');
});

test('a limit within reach is drawn, one far away is not', () => {
  expect(drawn({ ...rising, limit: 450 })[0]).toMatch(/^450 ⠁ ⠁ /);
  expect(drawn({ ...rising, limit: 4000 })[0]).toMatch(/^400 /);
});

test('marks stand below their time', () => {
  const rows = drawn({ ...rising, marks: [{ atMs: 30, sign: '▲' }] });
  expect(rows[4]!.indexOf('▲')).toBe('400 '.length + 7);
});

test('level values are level, and one value is no crash', () => {
  expect(drawn({ ...rising, values: [5, 5, 5, 5] })).toHaveLength(4);
  expect(drawn({ ...rising, times: [1], values: [5] })).toHaveLength(4);
});
