import { expect, test } from 'vitest';
import { Draws } from '../verify/testing/draws.ts';
import { perOperation } from './per-operation.ts';

const ops = [0, 200, 400, 600, 800, 1000, 1200];
const count = { grain: 1 };
const bytes = { grain: 0, trims: true };

test('three for each operation are named as such', () => {
  const grown = perOperation(
    ops,
    ops.map((done) => 17 + 3 * done),
    count,
  )!;
  expect(grown).toMatchObject({ value: 3, exactly: 3, slows: false });
  expect(grown.low).toBeGreaterThan(2.99);
  expect(grown.high).toBeLessThan(3.01);
});

test('one for every fourth operation is, too', () => {
  expect(
    perOperation(
      ops,
      ops.map((done) => done / 4),
      count,
    )!.exactly,
  ).toBe(0.25);
});

test('what is under way at the end does not hide the number', () => {
  const grown = perOperation(ops, [0, 201, 400, 602, 800, 1000, 1201], count)!;
  expect(grown.exactly).toBe(1);
  expect(grown.low).toBeLessThanOrEqual(1);
  expect(grown.high).toBeGreaterThanOrEqual(1);
});

test('a number between two whole ones is none of them', () => {
  expect(
    perOperation(
      ops,
      ops.map((done) => 1.37 * done),
      count,
    )!.exactly,
  ).toBeNull();
  expect(
    perOperation(
      ops,
      ops.map((done) => 0.6 * done),
      count,
    )!.exactly,
  ).toBeNull();
});

test('what does not grow has an interval that holds nothing', () => {
  const grown = perOperation(
    ops,
    ops.map(() => 12),
    count,
  )!;
  expect(grown).toMatchObject({ value: 0, exactly: null });
  expect(grown.low).toBeLessThan(0);
});

test('a warm-up that reaches into the rounds is left out', () => {
  const values = ops.map((done, at) => 100 * done + (at > 0 ? 5e6 : 0));
  expect(perOperation(ops, values, bytes)).toMatchObject({ leftOut: 1, value: 100 });
});

test('a cache that fills slows down', () => {
  const values = ops.map((done) => 1e6 * (1 - Math.exp(-done / 250)));
  expect(perOperation(ops, values, bytes)!.slows).toBe(true);
});

test('fewer than two stretches have no interval', () => {
  expect(perOperation([0, 100], [0, 300], count)).toBeNull();
});

test('95 of 100 intervals hold the truth, whether the heap wanders or is shaken', () => {
  const draws = new Draws(3);
  for (const wanders of [true, false]) {
    let holding = 0;
    for (let run = 0; run < 500; run++) {
      let wander = 0;
      const values = ops.map((done) => {
        wander = (wanders ? wander : 0) + 30_000 * draws.normal();
        return 500 * done + wander;
      });
      const { low, high } = perOperation(ops, values, { grain: 0 })!;
      if (low <= 500 && 500 <= high) holding++;
    }
    expect(holding / 500).toBeGreaterThan(0.92);
  }
});
