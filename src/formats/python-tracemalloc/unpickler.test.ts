import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { detectTracemalloc } from './detect.ts';
import type { PickleLimits } from './limits.ts';
import { comparePythonText, pythonText } from './python-text.ts';
import { readTracemalloc } from './read.ts';

/** Pickles written by hand: texts are taken byte by byte, numbers are bytes. */
function bytes(...parts: (string | number | number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((char) => char.charCodeAt(0)) : part)),
  );
}

const str = (text: string): number[] => [0x8c, text.length, ...bytes(text)];
const HEAD = [0x80, 4];
const SNAPSHOT = [...str('tracemalloc'), ...str('Snapshot'), 0x93, ...bytes(')'), 0x81];
const TRACES = [...str('tracemalloc'), ...str('_Traces'), 0x93, ...bytes(')'), 0x81];

/** A snapshot with these opcodes for its list of traces. */
function snapshot(list: number[], limit: number[] = [0x4b, 1]): Uint8Array {
  return bytes(
    [...HEAD, ...SNAPSHOT],
    ['}('].flatMap((ops) => [...bytes(ops)]),
    [...str('traces'), ...TRACES, ...bytes('}'), ...str('_traces'), ...bytes(']'), ...list, ...bytes('sb')],
    [...str('traceback_limit'), ...limit],
    'ub.',
  );
}

const FRAME = [...str('a.py'), 0x4b, 7, 0x86];
const trace = (size: number[], traceback: number[] = [...FRAME, 0x85]): number[] => [
  0x4b,
  0,
  ...size,
  ...traceback,
  0x87,
];
const list = (...traces: number[][]): number[] => [0x28, ...traces.flat(), 0x65];
const SIZE = [0x4b, 10];

function read(pickle: Uint8Array, limits: Partial<PickleLimits> = {}): Promise<StackProfile> {
  return readTracemalloc(bytesSource(pickle, 'x.pickle'), { limits });
}

async function refusal(pickle: Uint8Array, limits: Partial<PickleLimits> = {}): Promise<FormatError> {
  const error = await read(pickle, limits).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FormatError);
  return error as FormatError;
}

test('the smallest snapshots are read', async () => {
  expect((await read(snapshot([]))).sampleCount).toBe(0);
  const profile = await read(snapshot(list(trace(SIZE), trace([0x4b, 10]), trace([0x4b, 11]))));
  expect([...profile.values]).toEqual([2, 20, 1, 11]);
  expect(profile.stackCount).toBe(1);
  expect((await read(snapshot([...trace(SIZE), 0x61]))).sampleCount).toBe(1);
});

test('sizes beyond 32 and 53 bits are taken, the latter rounded and counted', async () => {
  const big = [0x8a, 5, 0, 0xf2, 0x05, 0x2a, 1];
  const huge = [0x8a, 8, 1, 0, 0, 0, 0, 0, 0, 0x7f];
  const profile = await read(snapshot(list(trace(big), trace(huge))));
  expect([...profile.values]).toEqual([1, 5_000_000_000, 1, 0x7f * 2 ** 56]);
  expect(profile.roundedValues).toBe(1);
});

describe('nothing is executed', () => {
  const hostile: [string, Uint8Array, string, number][] = [
    [
      'os.system by its C name',
      bytes(HEAD, str('posix'), str('system'), [0x93], str('id'), [0x85, 0x52], '.'),
      'the global posix.system of opcode STACK_GLOBAL (0x93)',
      17,
    ],
    [
      'os.system in protocol 0',
      bytes("cos\nsystem\n(S'id'\ntR."),
      'the global os.system of opcode GLOBAL (0x63)',
      0,
    ],
    [
      'GLOBAL in protocol 4',
      bytes(HEAD, 'cbuiltins\neval\n(', str('1'), 'tR.'),
      'the global builtins.eval of opcode GLOBAL (0x63)',
      2,
    ],
    ['INST', bytes(HEAD, '(ios\nsystem\n.'), 'the global os.system of opcode INST (0x69)', 3],
    ['REDUCE on a known class', bytes(HEAD, SNAPSHOT.slice(0, -2), ')R.'), 'opcode REDUCE (0x52)', 27],
    ['an extension', bytes(HEAD, [0x82, 1], '.'), 'opcode EXT1 (0x82)', 2],
    ['NEWOBJ_EX', bytes(HEAD, [0x92], '.'), 'opcode NEWOBJ_EX (0x92)', 2],
    ['a persistent id', bytes(HEAD, 'Pabc\n.'), 'opcode PERSID (0x50)', 2],
    ['an out-of-band buffer', bytes(HEAD, [0x97], '.'), 'opcode NEXT_BUFFER (0x97)', 2],
    ['bytes', bytes(HEAD, 'C', [3], 'abc.'), 'opcode SHORT_BINBYTES (0x43)', 2],
    ['a byte that is no opcode', bytes(HEAD, [0xff]), 'the byte 0xff, which is no opcode', 2],
    ['protocol 2', bytes([0x80, 2], 'N.'), 'protocol 2', 0],
    [
      'another class of tracemalloc',
      bytes(HEAD, str('tracemalloc'), str('Filter'), [0x93], '.'),
      'the global tracemalloc.Filter of opcode STACK_GLOBAL (0x93)',
      23,
    ],
    [
      'a name that would move the cursor of a terminal',
      bytes(HEAD, str('o\u001b[2Js'), str('x'), [0x93], '.'),
      'the global o?[2Js.x of opcode STACK_GLOBAL (0x93)',
      13,
    ],
  ];

  test.each(hostile)('%s is refused by name and place', async (_, pickle, found, offset) => {
    const error = await refusal(pickle);
    expect(error.message).toContain(`found ${found}`);
    expect(error.offset).toBe(offset);
    expect(error.hint).toContain('nothing of the file was executed');
    expect(detectTracemalloc(pickle)).toBeLessThan(0.5);
  });

  test('an attribute named __proto__ or constructor changes nothing', async () => {
    const pickle = bytes(
      [...HEAD, ...SNAPSHOT, ...bytes('}('), ...str('__proto__'), ...bytes('}'), ...str('constructor')],
      [0x4b, 1, ...str('traces'), ...TRACES, ...bytes('}'), ...str('_traces'), ...bytes(']sbub.')],
    );
    expect((await read(pickle)).sampleCount).toBe(0);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('shapes that no snapshot has are refused', () => {
  const odd: [string, Uint8Array, string][] = [
    ['a class instead of an object', bytes(HEAD, SNAPSHOT.slice(0, -2), '.'), 'expected an object'],
    ['an object without attributes', bytes(HEAD, SNAPSHOT, '.'), 'one without'],
    ['the inner class outside', bytes(HEAD, TRACES, '}b.'), 'expected a Snapshot'],
    ['no traces', bytes(HEAD, SNAPSHOT, '}b.'), 'as the attribute traces'],
    ['values behind STOP', bytes(snapshot([]).join(' ').split(' ').map(Number), 'N'), 'behind STOP'],
    ['a memo entry that is not there', bytes(HEAD, 'h', [9], '.'), 'found memo entry 9'],
    ['an empty stack', bytes(HEAD, '.'), 'expected values on the stack: 1'],
    ['values below a mark', bytes(HEAD, str('a'), '(', [0x85]), 'expected values on the stack: 1'],
    ['TUPLE without a mark', bytes(HEAD, 't'), 'expected a MARK before'],
    ['a number in the list', snapshot([0x4b, 1, 0x61]), 'expected tuple for opcode APPEND (0x61), found int'],
    ['the list inside itself', bytes(HEAD, ']', [0x94], 'h', [0], 'a.'), 'expected tuple'],
    ['a trace of two', snapshot(list([0x4b, 1, 0x4b, 2, 0x86])), 'a trace (domain, size, traceback)'],
    ['a negative size', snapshot(list(trace([0x8a, 1, 0xff]))), 'an int of 0 or more, found -1'],
    ['a traceback without frames', snapshot(list(trace(SIZE, [0x29]))), 'a traceback with a frame'],
    [
      'a frame without a line',
      snapshot(list(trace(SIZE, [...str('a'), 0x85, 0x85]))),
      'a frame (file, line)',
    ],
    ['a text that is not UTF-8', bytes(HEAD, [0x8c, 1, 0xff], '.'), 'expected text in UTF-8'],
    ['attributes twice', bytes(HEAD, SNAPSHOT, '}b}b.'), 'one that has them'],
    ['arguments', bytes(HEAD, SNAPSHOT.slice(0, -2), 'N', [0x85, 0x81], '.'), 'expected no arguments'],
  ];

  test.each(odd)('%s', async (_, pickle, message) => {
    expect((await refusal(pickle)).message).toContain(message);
  });
});

describe('what a pickle makes us keep is bounded', () => {
  const many = (count: number, ...ops: number[]): number[] => Array.from({ length: count }, () => ops).flat();

  test.each([
    ['marks', bytes(HEAD, many(100, 0x28)), 'at most 16 marks'],
    ['the stack', bytes(HEAD, many(300_000, 0x4e)), 'at most 262144 values on the stack'],
    ['lists', bytes(HEAD, many(100, 0x5d)), 'at most 8 lists'],
    ['dicts', bytes(HEAD, many(100, 0x7d)), 'at most 8 dicts'],
    ['objects', bytes(HEAD, many(9, ...SNAPSHOT)), 'at most 8 objects'],
    ['a number', bytes(HEAD, [0x8a, 200], many(200, 1)), 'at most 8 bytes of an int'],
    ['a text', bytes(HEAD, [0x58, 0, 0, 0, 0x80], 'x'), 'at most 1048576 bytes of a str'],
  ])('%s', async (_, pickle, message) => {
    expect((await refusal(pickle)).message).toContain(message);
  });

  test('the memo', async () => {
    const error = await refusal(bytes(HEAD, 'N', many(2000, 0x94)), { memo: 1000 });
    expect(error.message).toContain('at most 1000 memo entries');
    expect(error.offset).toBe(1003);
  });

  test('a tuple nested a million deep costs no recursion, and a tower of doubled tuples no memory', async () => {
    const deep = bytes(HEAD, [0x29], many(1_000_000, 0x85));
    expect(await refusal(deep)).toMatchObject({ truncated: true });
    const inner = [0x29, ...many(60, 0x94, 0x68, 0, 0x86)];
    const tower = snapshot(list([0x4b, 0, ...SIZE, ...inner, 0x87]));
    expect((await refusal(tower)).message).toContain('expected');
  });
});

test('names of files may hold lone surrogates, as Python writes them', () => {
  expect(pythonText(bytes('a', [0xed, 0xb2, 0x80], 'b'))).toBe('a\udc80b');
  expect(pythonText(bytes([0xf0, 0x9f, 0x90, 0x8d]))).toBe('\u{1f40d}');
  expect(pythonText(bytes([0xed, 0xb2]))).toBeNull();
  expect(pythonText(bytes([0xff]))).toBeNull();
});

test('texts are ordered by code points', () => {
  const texts = [
    'a',
    'ab',
    '\ud800',
    '\ud800x',
    '\udc80',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{10000}a',
    '\u{1f40d}',
  ];
  const points = (text: string): string =>
    [...text].map((char) => char.codePointAt(0)!.toString(16).padStart(6, '0')).join();
  for (const a of texts) {
    for (const b of texts) {
      const expected = points(a) < points(b) ? -1 : Number(points(a) > points(b));
      expect(Math.sign(comparePythonText(a, b))).toBe(expected);
    }
  }
});
