import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../../base/chopped-source.ts';
import { drawProfile } from '../../model/draw-profile.ts';
import { diffProfiles } from './diff.ts';
import { MIN_RAW_SAMPLES, samplingOf } from './sampling.ts';
import { top } from './top.ts';

const SPACE = { periodType: { type: 'space', unit: 'bytes' }, period: 524288 };

/** What Go makes of `count` recorded allocations of one size. */
function scaled(count: number, size: number, rate: number): [number, number] {
  const factor = 1 / (1 - Math.exp(-size / rate));
  return [Math.trunc(count * factor), Math.trunc(count * size * factor)];
}

describe('samples really taken', () => {
  test('are found again from scaled values, for every size', () => {
    for (const size of [8, 16, 1024, 32768, 524288, 9_000_000]) {
      for (const count of [1, 2, 15, 16, 300]) {
        const [objects, bytes] = scaled(count, size, SPACE.period);
        const profile = drawProfile(
          `objects/count space/bytes\na | ${objects} ${bytes} | bytes=${size}bytes`,
          SPACE,
        );
        const { evidence } = top(profile).rows[0]!;
        expect(evidence!.rawFlat, `${count} of ${size}`).toBe(count);
        const unlabelled = drawProfile(`objects/count space/bytes\na | ${objects} ${bytes}`, SPACE);
        expect(top(unlabelled).rows[0]!.evidence!.rawFlat).toBe(count);
      }
    }
  });

  test('the standard error is how far estimates really scatter', () => {
    const random = randomNumbers(11);
    const [size, allocated, rounds] = [4096, 20_000, 300];
    const chance = 1 - Math.exp(-size / SPACE.period);
    let squares = 0;
    let claimed = 0;
    for (let round = 0; round < rounds; round++) {
      let recorded = 0;
      for (let object = 0; object < allocated; object++) if (random() < chance) recorded++;
      const [objects, bytes] = scaled(recorded, size, SPACE.period);
      squares += (bytes - allocated * size) ** 2;
      const profile = drawProfile(`objects/count space/bytes\na | ${objects} ${bytes}`, SPACE);
      claimed += top(profile).rows[0]!.evidence!.flatError;
    }
    const scatter = Math.sqrt(squares / rounds);
    expect(claimed / rounds / scatter).toBeGreaterThan(0.85);
    expect(claimed / rounds / scatter).toBeLessThan(1.15);
  });

  test('a few large samples are not enough, in a difference neither', () => {
    const of = (count: number) => {
      const [objects, bytes] = scaled(count, 64, SPACE.period);
      return drawProfile(
        `inuse_objects/count inuse_space/bytes\na | ${objects} ${bytes} | bytes=64bytes`,
        SPACE,
      );
    };
    const row = top(diffProfiles(of(3), of(9))).rows[0]!;
    expect(row.flat).toBeGreaterThan(3e6);
    expect(row.evidence!.rawFlat).toBe(12);
    expect(row.evidence!.rawFlat).toBeLessThan(MIN_RAW_SAMPLES);
    expect(row.evidence!.flatError).toBeGreaterThan(row.flat / 4);
  });

  test('ticks of a CPU profile are samples', () => {
    const facts = { periodType: { type: 'cpu', unit: 'nanoseconds' }, period: 1e7 };
    const { evidence } = top(drawProfile('samples/count cpu/nanoseconds\na | 25 250000000', facts)).rows[0]!;
    expect([evidence!.rawFlat, evidence!.flatError]).toEqual([25, 5e7]);
  });
});

test('what was counted whole has no error, and what is not known is not guessed', () => {
  const kind = (head: string, facts = {}): string => samplingOf(drawProfile(`${head}\na | 1`, facts)).kind;
  expect(kind('goroutine/count')).toBe('exact');
  expect(kind('objects/count space/bytes', { ...SPACE, period: 1 })).toBe('exact');
  expect(kind('contentions/count delay/nanoseconds', { period: 1 })).toBe('unknown');
  expect(kind('objects/count space/bytes', SPACE)).toBe('sampled');
  expect(top(drawProfile('goroutine/count\na | 1')).rows[0]!.evidence).toBeNull();
});
