import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource } from '../../base/chopped-source.ts';
import { FormatError } from '../../base/errors.ts';
import { NONE, NUMERIC, type StackProfile, sampleTypeIndex, totalOf } from '../../model/stack-profile.ts';
import { detectPprof } from './detect.ts';
import { ProtoWriter } from './proto-writer.ts';
import { parsePprof, readPprof } from './read.ts';
import { packPprof, writePprof } from './write.ts';

const FOLDER = new URL('../../../fixtures/pprof/', import.meta.url).pathname;
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.pb.gz'),
);

const unpacked = (name: string): Uint8Array => gunzipSync(readFileSync(FOLDER + name));

/** A protobuf message: numbers are varints, texts and messages are length-delimited. */
function message(...fields: [field: number, value: number | bigint | string | Uint8Array][]): Uint8Array {
  const out = new ProtoWriter();
  for (const [field, value] of fields) {
    if (typeof value === 'number' || typeof value === 'bigint') out.int(field, value, true);
    else out.bytesField(field, typeof value === 'string' ? new TextEncoder().encode(value) : value);
  }
  return out.finish().slice();
}

const TYPE = message([1, 1], [2, 2]);
const STRINGS: [number, string][] = ['', 'space', 'bytes', 'main.work', 'a/ö.go', 'tenant', 'acme'].map(
  (text) => [6, text],
);

/** A profile of one sample; fields given replace its own of the same name. */
function tiny({
  sample = message([1, 7], [2, 42]),
  location = message([1, 7], [3, 0x401000], [4, message([1, 9], [2, 12], [3, 5])]),
  fn = message([1, 9], [2, 3], [4, 4], [5, 10]),
  more = new Uint8Array(0),
}: {
  sample?: Uint8Array;
  location?: Uint8Array;
  fn?: Uint8Array;
  more?: Uint8Array;
} = {}): Uint8Array {
  const head = message([2, sample], [1, TYPE], [4, location], [5, fn], ...STRINGS);
  return new Uint8Array([...head, ...more]);
}

function errorOf(bytes: Uint8Array): FormatError {
  try {
    parsePprof(bytes, 'x.pb');
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function frames(profile: StackProfile, sample: number): string[] {
  const { firstFrame, stackLocation, sampleStack, locations, lines, functions, strings } = profile;
  const stack = sampleStack[sample]!;
  const names: string[] = [];
  for (let frame = firstFrame[stack]!; frame < firstFrame[stack + 1]!; frame++) {
    const location = stackLocation[frame]!;
    for (let line = locations.firstLine[location]!; line < locations.firstLine[location + 1]!; line++) {
      names.push(strings[functions.name[lines.function[line]!]!]!);
    }
  }
  return names;
}

describe('profiles that Go wrote', () => {
  test('a heap has its four types, its rate, its sizes as labels and the frames of its code', async () => {
    const profile = await readPprof(
      bytesSource(readFileSync(`${FOLDER}go1.27/heap-B.pb.gz`), 'heap-B.pb.gz'),
    );
    expect(profile.runtime).toBe('go');
    expect(profile.sampleTypes.map(({ type, unit }) => `${type}/${unit}`)).toEqual([
      'alloc_objects/count',
      'alloc_space/bytes',
      'inuse_objects/count',
      'inuse_space/bytes',
    ]);
    expect([profile.periodType, profile.period]).toEqual([{ type: 'space', unit: 'bytes' }, 4096]);
    expect(sampleTypeIndex(profile)).toBe(3);
    expect(Number(profile.timeNanos / 10n ** 9n)).toBeGreaterThan(1_700_000_000);
    expect(profile.mappings[0]).toMatchObject({
      start: 0x400000n,
      file: '/srv/shop/shop',
      hasFunctions: true,
    });
    expect(profile.mappings[0]!.buildId).toMatch(/^[0-9a-f]{40}$/);
    expect(profile.labels.text.every((text) => text === NUMERIC)).toBe(true);
    expect(new Set(Array.from(profile.labels.key, (key) => profile.strings[key]))).toEqual(
      new Set(['bytes']),
    );
    const largest = profile.values.indexOf(Math.max(...profile.values.filter((_, at) => at % 4 === 3)));
    expect(frames(profile, Math.floor(largest / 4))).toContain('main.main');
    // 30 arrays of 300,000 bytes are kept, rounded up to whole pages.
    expect(totalOf(profile, 3)).toBeGreaterThan(9e6);
  });

  test('allocs names its default type', () => {
    const profile = parsePprof(unpacked('go1.26/allocs.pb.gz'));
    expect(profile.sampleTypes[sampleTypeIndex(profile)]!.type).toBe('alloc_space');
    expect(sampleTypeIndex(profile, 'inuse_space')).toBe(3);
    expect(sampleTypeIndex(profile, '0')).toBe(0);
    expect(sampleTypeIndex(profile, 'nonsense')).toBe(-1);
  });

  test('goroutines have their labels with quotes and spaces', () => {
    const { labels, strings, runtime } = parsePprof(unpacked('go1.23/goroutine-B.pb.gz'));
    const pairs = Array.from(labels.key, (key, at) => `${strings[key]}=${strings[labels.text[at]!]}`);
    expect(pairs).toEqual(expect.arrayContaining(['tenant=acme co', 'path=/v1/"quoted"']));
    expect(runtime).toBe('go');
  });

  test('the goroutine that the runtime proved stuck is in its own profile', () => {
    const profile = parsePprof(unpacked('go1.27/goroutineleak.pb.gz'));
    expect(profile.sampleTypes).toEqual([{ type: 'goroutineleak', unit: 'count' }]);
    expect(frames(profile, 0)).toContain('main.abandon');
    expect(profile.runtime).toBe('go');
  });

  test('an empty profile is known for one of Go by what it counts', () => {
    const empty = message(
      [1, message([1, 1], [2, 2])],
      ...['', 'goroutineleak', 'count'].map((text) => [6, text] as [number, string]),
    );
    expect(parsePprof(empty)).toMatchObject({ runtime: 'go', sampleCount: 0, stackCount: 0 });
  });

  test.for(FILES)('%s is the same after it was written and read again', async (name) => {
    const profile = parsePprof(unpacked(name), name);
    expect(parsePprof(writePprof(profile), name)).toEqual(profile);
    const packed = await packPprof(profile);
    expect(packed.subarray(0, 2)).toEqual(new Uint8Array([0x1f, 0x8b]));
    expect(await readPprof(choppedSource(packed, () => 7, name))).toEqual(profile);
  });
});

describe('what the format allows', () => {
  test('anything may come before what it refers to, and ids are arbitrary', () => {
    const profile = parsePprof(tiny());
    expect(frames(profile, 0)).toEqual(['main.work']);
    expect(profile.lines).toEqual({
      function: new Uint32Array([0]),
      line: new Float64Array([12]),
      column: new Float64Array([5]),
    });
    expect(profile.strings[profile.functions.file[0]!]).toBe('a/ö.go');
    expect(profile.locations.mapping[0]).toBe(NONE);
    expect(profile.periodType).toBeNull();
  });

  test('ids and addresses use all 64 bits, also those that a double cannot tell apart', () => {
    const [one, other] = [2n ** 63n + 1n, 2n ** 63n + 2n];
    const bytes = message(
      [1, TYPE],
      [2, message([1, one], [1, other], [2, 1])],
      [4, message([1, other], [3, 2n ** 64n - 1n], [4, message([1, one])])],
      [4, message([1, one], [3, 0xffffffff81000000n])],
      [5, message([1, one], [2, 3])],
      ...STRINGS,
    );
    const profile = parsePprof(bytes);
    expect(Array.from(profile.locations.address)).toEqual([2n ** 64n - 1n, 0xffffffff81000000n]);
    expect(Array.from(profile.stackLocation)).toEqual([1, 0]);
  });

  test('values may be negative, packed or not', () => {
    const two = (sample: Uint8Array): Uint8Array =>
      new Uint8Array([...message([1, TYPE]), ...tiny({ sample })]);
    const packed = message([1, new Uint8Array([7])], [2, message([1, -1n], [1, -5_000_000_000n])]);
    // A packed list is the same numbers without their tags.
    const list = new ProtoWriter();
    list.packed(2, [-1, -5_000_000_000]);
    expect(Array.from(parsePprof(two(new Uint8Array([8, 7, ...list.finish()]))).values)).toEqual([
      -1, -5_000_000_000,
    ]);
    expect(Array.from(parsePprof(two(message([1, 7], [2, -1n], [2, 2n ** 40n]))).values)).toEqual([
      -1,
      2 ** 40,
    ]);
    expect(packed.length).toBeGreaterThan(0);
  });

  test('numbers past 2^53 are the nearest double and are counted', () => {
    const exact = parsePprof(tiny({ sample: message([1, 7], [2, 2n ** 53n - 1n]) }));
    expect([exact.values[0], exact.roundedValues]).toEqual([2 ** 53 - 1, 0]);
    const rounded = parsePprof(tiny({ sample: message([1, 7], [2, 2n ** 60n + 1n]) }));
    expect([rounded.values[0], rounded.roundedValues]).toEqual([2 ** 60, 1]);
    const lowest = parsePprof(tiny({ sample: message([1, 7], [2, -(2n ** 63n)]) }));
    expect(lowest.values[0]).toBe(-(2 ** 63));
  });

  test('labels are texts or numbers with a unit', () => {
    const sample = message(
      [1, 7],
      [2, 1],
      [3, message([1, 5], [2, 6])],
      [3, message([1, 2], [3, -8n], [4, 2])],
    );
    const { labels, strings } = parsePprof(tiny({ sample }));
    expect(strings[labels.text[0]!]).toBe('acme');
    expect([labels.text[1], labels.number[1], strings[labels.unit[1]!]]).toEqual([NUMERIC, -8, 'bytes']);
  });

  test('fields that nobody knows yet are passed over, in every message and wire type', () => {
    const unknown = new Uint8Array([
      ...message([99, 5], [100, 'text']),
      0x9d,
      6,
      1,
      2,
      3,
      4,
      0x99,
      6,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
    ]);
    const with99 = (bytes: Uint8Array): Uint8Array => new Uint8Array([...bytes, ...unknown]);
    const profile = parsePprof(
      tiny({
        sample: with99(message([1, 7], [2, 42])),
        location: with99(message([1, 7], [4, with99(message([1, 9], [2, 12]))])),
        fn: with99(message([1, 9], [2, 3])),
        more: unknown,
      }),
    );
    expect(frames(profile, 0)).toEqual(['main.work']);
  });

  test('header fields are all read', () => {
    const more = message(
      [7, 3],
      [8, 4],
      [9, 1_700_000_000_123_456_789n],
      [10, 5e9],
      [11, TYPE],
      [12, 512],
      [13, 5],
      [13, 6],
      [14, 1],
      [15, 4],
    );
    expect(parsePprof(tiny({ more }))).toMatchObject({
      dropFrames: 'main.work',
      keepFrames: 'a/ö.go',
      timeNanos: 1_700_000_000_123_456_789n,
      durationNanos: 5e9,
      periodType: { type: 'space', unit: 'bytes' },
      period: 512,
      comments: ['tenant', 'acme'],
      defaultSampleType: 'space',
      docUrl: 'a/ö.go',
    });
  });
});

describe('what is refused, with its place in the file', () => {
  test('every cut of a profile is an error at a place in it, or leaves whole fields out', () => {
    const whole = unpacked('go1.23/goroutine-A.pb.gz');
    let refused = 0;
    for (let length = 0; length < whole.length; length++) {
      try {
        parsePprof(whole.subarray(0, length));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        expect(error.offset).toBeLessThanOrEqual(length);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(whole.length * 0.95);
  });

  test('a cut packed file says so', async () => {
    const packed = readFileSync(`${FOLDER}go1.27/heap-A.pb.gz`);
    const reading = readPprof(bytesSource(packed.subarray(0, 900), 'cut.pb.gz'));
    await expect(reading).rejects.toThrow(FormatError);
  });

  test.for<[string, Uint8Array, number, RegExp]>([
    ['an unknown location', tiny({ sample: message([1, 8], [2, 42]) }), 0, /locations of the profile/],
    [
      'too many values',
      tiny({ sample: message([1, 7], [2, 1], [2, 2]) }),
      0,
      /a sample of 1 values, found 2/,
    ],
    [
      'an unknown function',
      tiny({ location: message([1, 7], [4, message([1, 8])]) }),
      12,
      /a function of the profile/,
    ],
    ['a location without an id', tiny({ location: message([3, 5]) }), 12, /a location with an id/],
    ['a text that is not there', tiny({ fn: message([1, 9], [2, 77]) }), 29, /string table of more than 77/],
    ['the wrong wire type', tiny({ sample: message([1, 7], [3, 5], [2, 42]) }), 5, /field 3 of a sample/],
    ['field 0', tiny({ more: new Uint8Array([0, 0]) }), 89, /field number from 1 up/],
    [
      'an endless number',
      tiny({ more: new Uint8Array([0x48, ...Array(11).fill(0xff)]) }),
      90,
      /at most 10 bytes/,
    ],
    [
      'two profiles in one',
      new Uint8Array([...message([9, 5]), ...tiny({ more: message([9, 6]) })]),
      91,
      /one profile/,
    ],
    ['nothing', new Uint8Array(0), 0, /sample types/],
  ])('%s', ([, bytes, offset, expected]) => {
    const error = errorOf(bytes);
    expect(error.message).toMatch(expected);
    expect(error.offset).toBe(offset);
  });
});

describe('detection', () => {
  test.for(FILES)('%s is known by its first 4 KB and by less', (name) => {
    const head = unpacked(name).subarray(0, 4096);
    expect(detectPprof(head)).toBeGreaterThan(0.9);
    expect(detectPprof(head.subarray(0, 200))).toBeGreaterThan(0.9);
  });

  test('other files are not', () => {
    for (const text of [
      '',
      '\n',
      '{"snapshot":{}}',
      'goroutine profile: total 3\n',
      '\n\nhello\n',
      'heap profile: 1: 2 [3: 4] @ heap/8\n',
    ]) {
      expect(detectPprof(new TextEncoder().encode(text)), JSON.stringify(text)).toBe(0);
    }
    expect(detectPprof(new Uint8Array(4096).fill(0))).toBe(0);
    expect(detectPprof(new Uint8Array(4096).fill(0x0a))).toBe(0);
    expect(detectPprof(readFileSync(`${FOLDER}go1.27/heap-A.pb.gz`))).toBe(0);
  });
});
