import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource, randomNumbers } from '../../base/chopped-source.ts';
import { countAllocations } from '../../base/count-allocations.ts';
import { FormatError } from '../../base/errors.ts';
import { type StackProfile, totalOf } from '../../model/stack-profile.ts';
import { detectTracemalloc } from './detect.ts';
import { readTracemalloc } from './read.ts';
import { compareTo, statistics } from './statistics.ts';

/*
 * Ten thousand damaged snapshots, the same ones on every run. Each is read, or refused with a place in the file; what
 * was read can be used; and neither takes more memory than the file is worth.
 */

const MUTATIONS = 10_000;
const MAX_BYTES_PER_BYTE = 64;
const MAX_FIXED_BYTES = 1_000_000;
const FIXTURES = new URL('../../../fixtures/python-tracemalloc/', import.meta.url);

const seeds = ['3.6', '3.8', '3.13'].map((version) =>
  readFileSync(new URL(`python-${version}/A.pickle`, FIXTURES)),
);

/** A few bytes changed, or a piece cut out, doubled, moved or taken from another snapshot. */
function damaged(seed: Uint8Array, random: () => number): Uint8Array {
  const at = (length: number): number => Math.floor(random() * length);
  const bytes = Uint8Array.from(seed);
  const kind = at(5);
  if (kind < 2) {
    for (let times = 1 + at(4); times > 0; times--) bytes[at(bytes.length)] = at(256);
    return bytes;
  }
  const from = at(bytes.length);
  const to = Math.min(bytes.length, from + at(kind === 2 ? 8 : 400));
  if (kind === 2) return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(to)]);
  if (kind === 3) return Uint8Array.from([...bytes.subarray(0, to), ...bytes.subarray(from)]);
  const other = seeds[at(seeds.length)]!;
  const place = at(other.length);
  const piece = other.subarray(place, place + at(400));
  return Uint8Array.from([...bytes.subarray(0, from), ...piece, ...bytes.subarray(to)]);
}

/** Every index within its bounds, and the figures of both ways to add up equal. */
function use(profile: StackProfile): void {
  const { stackLocation, firstFrame, locations, lines, functions, strings, labels, firstLabel } = profile;
  const inside = (index: number, count: number): void => {
    if (!(index < count)) throw new Error(`index ${index} of ${count}`);
  };
  for (const stack of profile.sampleStack) inside(stack, profile.stackCount);
  for (const location of stackLocation) inside(location, locations.count);
  for (const fn of lines.function) inside(fn, functions.count);
  for (const file of functions.file) inside(file, strings.length);
  for (const key of labels.key) inside(key, strings.length);
  inside(firstFrame[profile.stackCount]!, stackLocation.length + 1);
  inside(firstLabel[profile.sampleCount]!, labels.key.length + 1);
  for (const value of profile.values) if (!(value >= 0)) throw new Error(`value ${value}`);
  const counts = statistics(profile, 'traceback').reduce((sum, { count }) => sum + count, 0);
  if (counts !== totalOf(profile, 0)) throw new Error('the table misses blocks');
  if (counts !== profile.figures.get('traces')) throw new Error('the samples miss blocks');
  if (compareTo(profile, profile, 'lineno').some((row) => row.sizeDiffBytes !== 0 || row.countDiff !== 0)) {
    throw new Error('a snapshot differs from itself');
  }
}

test(`${MUTATIONS} damaged snapshots are read or refused, never anything else`, async () => {
  const random = randomNumbers(20_261_122);
  let whole = 0;
  const failures: string[] = [];
  for (let run = 0; run < MUTATIONS && failures.length < 5; run++) {
    const bytes = damaged(seeds[run % seeds.length]!, random);
    const chopped = random() < 0.3;
    const source = chopped ? choppedSource(bytes, () => 1 + Math.floor(random() * 300)) : bytesSource(bytes);
    try {
      detectTracemalloc(bytes.subarray(0, Math.floor(random() * 300)));
      const { result, bytes: allocated } = await countAllocations(() =>
        readTracemalloc(source).catch((error: unknown) => error),
      );
      // A chopped source makes each chunk anew, and the reader its rest.
      const bound = bytes.length * MAX_BYTES_PER_BYTE + MAX_FIXED_BYTES;
      if (allocated > bound) throw new Error(`${allocated} bytes for a file of ${bytes.length}`);
      if (result instanceof FormatError) {
        if (!(result.offset >= 0 && result.offset <= bytes.length))
          throw new Error(`offset ${result.offset}`);
      } else if (result instanceof Error) {
        throw result;
      } else {
        whole++;
        use(result as StackProfile);
      }
    } catch (error) {
      failures.push(`run ${run}: ${(error as Error).stack}`);
    }
  }
  expect(failures).toEqual([]);
  // A changed size or line leaves a sound snapshot; most other damage must be noticed.
  expect(whole).toBeGreaterThan(MUTATIONS * 0.05);
  expect(whole).toBeLessThan(MUTATIONS * 0.6);
}, 120_000);
