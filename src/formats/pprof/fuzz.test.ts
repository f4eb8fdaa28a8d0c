import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { randomNumbers } from '../../base/chopped-source.ts';
import { countAllocations } from '../../base/count-allocations.ts';
import { FormatError } from '../../base/errors.ts';
import { NONE, NUMERIC, type StackProfile } from '../../model/stack-profile.ts';
import { detectPprof } from './detect.ts';
import { parsePprof } from './read.ts';
import { writePprof } from './write.ts';

/*
 * Thousands of damaged profiles, the same ones on every run: read, or refused with a place in the file. What was read can be
 * used and written again, and neither takes more memory than the file is worth.
 */

const MUTATIONS = 4000;
const MAX_BYTES_PER_BYTE = 100;
const MAX_FIXED_BYTES = 200_000;

const FOLDER = new URL('../../../fixtures/pprof/', import.meta.url).pathname;
const SEEDS = [
  'go1.27/goroutine-B',
  'go1.22/cpu',
  'go1.26/mutex',
  'go1.23/heap-A',
  'go1.27/goroutineleak',
].map((name): Uint8Array => new Uint8Array(gunzipSync(readFileSync(`${FOLDER}${name}.pb.gz`))));

function damaged(seed: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit);
  let bytes = seed.slice();
  const times = 1 + below(3);
  for (let time = 0; time < times; time++) {
    const at = below(bytes.length);
    const kind = below(5);
    if (kind === 0) bytes[at]! ^= 1 << below(8);
    else if (kind === 1) bytes[at] = [0, 0x7f, 0x80, 0xff, 0x0a, 0x12][below(6)]!;
    else if (kind === 2) bytes = bytes.slice(0, Math.max(1, at));
    else if (kind === 3)
      bytes = new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + below(9))]);
    else {
      const from = below(bytes.length);
      bytes = new Uint8Array([
        ...bytes.subarray(0, at),
        ...bytes.subarray(from, from + below(40)),
        ...bytes.subarray(at),
      ]);
    }
  }
  return bytes;
}

/** Each index within its bounds. */
function use(profile: StackProfile): void {
  const {
    strings,
    sampleCount,
    sampleTypes,
    values,
    sampleStack,
    firstLabel,
    labels,
    locations,
    lines,
    functions,
  } = profile;
  const check = (table: ArrayLike<number>, limit: number, none: number | null, what: string): void => {
    for (let at = 0; at < table.length; at++) {
      if (table[at]! >= limit && table[at] !== none) throw new Error(`${what} ${table[at]} of ${limit}`);
    }
  };
  if (values.length !== sampleCount * sampleTypes.length) throw new Error('values do not fit');
  check(sampleStack, profile.stackCount, null, 'stack');
  check(profile.stackLocation, locations.count, null, 'location');
  check(locations.mapping, profile.mappings.length, NONE, 'mapping');
  check(lines.function, functions.count, NONE, 'function');
  for (const table of [functions.name, functions.systemName, functions.file, labels.key, labels.unit]) {
    check(table, strings.length, null, 'string');
  }
  check(labels.text, strings.length, NUMERIC, 'text');
  for (const [firsts, count, end] of [
    [firstLabel, sampleCount, labels.key.length],
    [profile.firstFrame, profile.stackCount, profile.stackLocation.length],
    [locations.firstLine, locations.count, lines.function.length],
  ] as const) {
    if (firsts.length !== count + 1 || firsts[0] !== 0 || firsts[count] !== end)
      throw new Error('firsts do not fit');
    for (let at = 0; at < count; at++) if (firsts[at]! > firsts[at + 1]!) throw new Error('firsts go back');
  }
}

function tryParse(bytes: Uint8Array): unknown {
  try {
    return parsePprof(bytes);
  } catch (error) {
    return error;
  }
}

test(`${MUTATIONS} damaged profiles are read or refused, never anything else`, async () => {
  const random = randomNumbers(20_251_122);
  const failures: string[] = [];
  let read = 0;
  for (let run = 0; run < MUTATIONS && failures.length < 5; run++) {
    const bytes = damaged(SEEDS[run % SEEDS.length]!, random);
    try {
      detectPprof(bytes.subarray(0, 4096));
      // Counting makes every array slow: one run in eight is measured.
      const { result, bytes: allocated } =
        run % 8 === 0 ? await countAllocations(() => tryParse(bytes)) : { result: tryParse(bytes), bytes: 0 };
      const bound = bytes.length * MAX_BYTES_PER_BYTE + MAX_FIXED_BYTES;
      if (allocated > bound) throw new Error(`${allocated} bytes for a file of ${bytes.length}`);
      if (result instanceof FormatError) {
        if (!(result.offset >= 0 && result.offset <= bytes.length))
          throw new Error(`offset ${result.offset}`);
        continue;
      }
      if (result instanceof Error) throw result;
      read++;
      use(result as StackProfile);
      use(parsePprof(writePprof(result as StackProfile)));
    } catch (error) {
      failures.push(`run ${run}: ${(error as Error).stack}`);
    }
  }
  expect(failures).toEqual([]);
  // Much damage hits a value or a letter and cannot be seen; most of it must be.
  expect(read).toBeGreaterThan(MUTATIONS * 0.05);
  expect(read).toBeLessThan(MUTATIONS * 0.6);
}, 120_000);
