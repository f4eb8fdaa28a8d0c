import { expect, test } from 'vitest';
import { top } from '../../analysis/stacks/top.ts';
import { bytesSource } from '../../base/byte-source.ts';
import { detectJemalloc } from './detect.ts';
import { readJemalloc } from './read.ts';

const PROFILE = `heap_v2/524288
  t*: 41: 2097152 [0: 0]
  t0: 41: 2097152 [0: 0]
@ 0x7f0000001234 0x5500000010
  t*: 1: 1048576 [0: 0]
  t0: 1: 1048576 [0: 0]
@ 0x7f0000002000
  t*: 40: 1048576 [0: 0]

MAPPED_LIBRARIES:
5500000000-5500001000 r-xp 00000000 08:01 12 /usr/bin/ruby3.1
7f0000000000-7f0000100000 r-xp 00001000 08:01 13 /usr/lib/libruby-3.1.so
7f0000200000-7f0000300000 rw-p 00000000 08:01 13 /usr/lib/libruby-3.1.so
`;
const read = (text: string) => readJemalloc(bytesSource(new TextEncoder().encode(text), 'x.heap'));

test('samples are scaled up by how likely they were', async () => {
  const profile = await read(PROFILE);
  const { rows } = top(profile, { sampleType: 'inuse_space' });
  const [small, large] = [
    40 / (1 - Math.exp(-(1048576 / 40) / 524288)),
    1 / (1 - Math.exp(-1048576 / 524288)),
  ];
  expect(rows.map(({ function: name, flat }) => [name, flat])).toEqual([
    ['libruby-3.1.so+0x3000', Math.round((small / 40) * 1048576)],
    ['libruby-3.1.so+0x2234', Math.round(large * 1048576)],
    ['ruby3.1+0x10', 0],
  ]);
});

test('it is known by its first line', () => {
  expect(detectJemalloc(new TextEncoder().encode(PROFILE))).toBe(1);
  expect(detectJemalloc(new TextEncoder().encode('heap profile: 1: 2'))).toBe(0);
});

test.each([
  { name: 'no rate', text: 'heap_v2/\n' },
  { name: 'no addresses', text: 'heap_v2/10\n@ main\n' },
  { name: 'no counts', text: 'heap_v2/10\n@ 0x1\n  t*: one\n' },
  { name: 'other lines', text: 'heap_v2/10\nhello\n' },
])('a file with $name is refused with its offset', async ({ text }) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'format-invalid', exitCode: 3 });
});

test('what stops behind a stack is read as far as it goes', async () => {
  expect((await read('heap_v2/10\n@ 0x1 0x2\n')).sampleCount).toBe(0);
});
