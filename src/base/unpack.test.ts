import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gunzip } from '../sources/gunzip.ts';
import { bytesSource } from './byte-source.ts';
import { choppedSource, randomNumbers } from './chopped-source.ts';
import { FormatError } from './errors.ts';
import { detectPacking, type Gunzip, unpack } from './unpack.ts';

const TEXT = new TextEncoder().encode(
  Array.from({ length: 30_000 }, (_, nth) => `${nth * 7919}`).join('\n,'),
);
const random = randomNumbers(3);
const noise = Uint8Array.from({ length: 400_000 }, () => random() * 256);

async function collect(chunks: AsyncIterable<Uint8Array>, parts: Uint8Array[] = []): Promise<Buffer> {
  for await (const chunk of chunks) parts.push(new Uint8Array(chunk));
  return Buffer.concat(parts);
}

const GUNZIPS: readonly (readonly [string, Gunzip | undefined])[] = [
  ['by the web', undefined],
  ['by Node', gunzip],
];
const zstd = (bytes: Uint8Array, ...flags: string[]): Uint8Array =>
  spawnSync('zstd', ['-q', '-c', ...flags], { input: bytes, maxBuffer: 1 << 26 }).stdout;
const hasZstd = spawnSync('zstd', ['--version']).status === 0;

/** Twice `zstd -19` of `{"a":1}`, and the same as `zstd --no-check --no-content-size` makes it. */
const TINY_ZSTD = Buffer.from('KLUv/QRoOQAAeyJhIjoxfUiL/DI=', 'base64');
const join = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);

test('packing is told by the first bytes', () => {
  expect(detectPacking(gzipSync('x'))).toBe('gzip');
  expect(detectPacking(TINY_ZSTD)).toBe('zstd');
  for (const head of [[], [0x1f], [0x28, 0xb5, 0x2f], [0x7b, 0x22]])
    expect(detectPacking(Uint8Array.from(head))).toBe(null);
});

test('a plain source is left alone', () => {
  const source = bytesSource(TEXT);
  expect(unpack(source, null)).toBe(source);
});

test('a packed source has no size and no random access, and passes close on', () => {
  let closed = 0;
  const source = unpack({ ...bytesSource(TEXT), close: () => closed++ }, 'gzip');
  source.close?.();
  expect(closed).toBe(1);
  expect(source.sizeBytes).toBe(null);
  expect(source.readAt).toBe(undefined);
});

describe.each(GUNZIPS)('gzip %s', (_, way) => {
  const read = (bytes: Uint8Array, longest = 1000, parts?: Uint8Array[]): Promise<Buffer> => {
    const random = randomNumbers(1);
    const source = choppedSource(bytes, () => 1 + Math.floor(random() * longest));
    return collect(unpack(source, 'gzip', way).chunks(), parts);
  };

  test('comes back as it was, however it is cut into chunks', async () => {
    for (const bytes of [TEXT, noise, new Uint8Array(0)]) {
      for (const longest of [200, 5000, 1 << 20]) {
        expect((await read(gzipSync(bytes), longest)).equals(bytes)).toBe(true);
      }
    }
  });

  test('cut anywhere it is an error that says so, with an offset within the file, after what could be read', async () => {
    const packed = gzipSync(noise);
    for (const share of [0, 0.001, 0.3, 0.9, 1]) {
      const length = Math.min(packed.length - 1, Math.max(3, Math.floor(packed.length * share)));
      const parts: Uint8Array[] = [];
      const error = await read(packed.subarray(0, length), 50_000, parts).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(FormatError);
      expect(error).toMatchObject({ truncated: true, offset: length });
      const unpacked = Buffer.concat(parts);
      expect(unpacked.equals(noise.subarray(0, unpacked.length))).toBe(true);
      expect(unpacked.length).toBeGreaterThan(length - 70_000);
    }
  });

  test('damaged it is an error that does not call it cut', async () => {
    const packed = gzipSync(noise);
    packed[1000]! ^= 0xff;
    await expect(read(packed)).rejects.toMatchObject({ code: 'format-invalid', truncated: false });
  });

  test('an error of the source itself comes through, and stopping early closes the source', async () => {
    const failing = {
      name: 'disk',
      sizeBytes: null,
      async *chunks() {
        yield gzipSync(noise).subarray(0, 1000);
        throw new FormatError({ file: 'disk', offset: 77, expected: 'a working disk' });
      },
    };
    await expect(collect(unpack(failing, 'gzip', way).chunks())).rejects.toMatchObject({ offset: 77 });
    let closed = false;
    const endless = {
      name: 'endless',
      sizeBytes: null,
      async *chunks() {
        try {
          for (;;) yield gzipSync(noise);
        } finally {
          closed = true;
        }
      },
    };
    for await (const _chunk of unpack(endless, 'gzip', way).chunks()) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(true);
  });
});

test('gzip files of several members are one text', async () => {
  const packed = join(gzipSync(TEXT), gzipSync('and'), gzipSync(TEXT));
  const unpacked = await collect(unpack(bytesSource(packed), 'gzip', gunzip).chunks());
  expect(unpacked.equals(join(TEXT, Buffer.from('and'), TEXT))).toBe(true);
});

const unzstd = (bytes: Uint8Array, longest = 5000, parts?: Uint8Array[]): Promise<Buffer> => {
  const random = randomNumbers(1);
  return collect(
    unpack(
      choppedSource(bytes, () => 1 + Math.floor(random() * longest)),
      'zstd',
    ).chunks(),
    parts,
  );
};

test('zstd frames of a few bytes, several of them, and skippable ones between', async () => {
  const skippable = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5);
  // A raw block of two bytes in a frame without size and checksum: 11 bytes in all.
  const raw = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00, 0x11, 0x00, 0x00, 0x68, 0x69);
  // "x" repeated five times in a block of one byte.
  const repeated = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x05, 0x2b, 0x00, 0x00, 0x78);
  for (const longest of [1, 3, 1000]) {
    const packed = join(skippable, TINY_ZSTD, skippable, raw, repeated, TINY_ZSTD, skippable);
    expect((await unzstd(packed, longest)).toString()).toBe('{"a":1}hixxxxx{"a":1}');
  }
});

test.runIf(hasZstd)('zstd comes back as it was, at all levels and in several frames', async () => {
  for (const flags of [['-1'], ['-3', '--no-check'], ['-19'], ['--ultra', '-22', '--long=27'], ['-T2']]) {
    expect((await unzstd(zstd(TEXT, ...flags), 10_000)).equals(TEXT)).toBe(true);
  }
  const packed = join(zstd(TEXT), zstd(noise, '-1'), zstd(new Uint8Array(0)), zstd(TEXT, '--no-check'));
  expect((await unzstd(packed)).equals(join(TEXT, noise, TEXT))).toBe(true);
});

test.runIf(hasZstd)('cut anywhere zstd is an error that says so, after what could be read', async () => {
  const packed = zstd(noise);
  for (const length of [4, 5, 8, 15, 200_000, packed.length - 1]) {
    const parts: Uint8Array[] = [];
    const error = await unzstd(packed.subarray(0, length), 5000, parts).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'format-truncated', truncated: true, offset: length });
    const unpacked = Buffer.concat(parts);
    expect(unpacked.equals(noise.subarray(0, unpacked.length))).toBe(true);
    expect(unpacked.length).toBeGreaterThan(length - 150_000);
  }
});

test.each([
  ['a window of 2 GB', [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8]],
  ['a window of an exabyte', [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff]],
  ['a content of 2 GB in one piece', [0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0x00, 0x00, 0x00, 0x80]],
  [
    'a content of 2^63 bytes in one piece',
    [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80],
  ],
])('zstd that asks for %s gets no memory', async (_, head) => {
  const packed = join(TINY_ZSTD, Uint8Array.from(head), new Uint8Array(30));
  const before = process.memoryUsage().arrayBuffers;
  await expect(unzstd(packed)).rejects.toMatchObject({
    code: 'format-invalid',
    message: expect.stringContaining('bytes of memory'),
  });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2e7);
});

test('garbage behind a frame and blocks of no known type are damage', async () => {
  await expect(unzstd(join(TINY_ZSTD, Buffer.from('garbage')))).rejects.toMatchObject({ truncated: false });
  const reserved = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x05, 0x2f, 0x00, 0x00, 0x78);
  await expect(unzstd(reserved)).rejects.toMatchObject({ truncated: false });
});
