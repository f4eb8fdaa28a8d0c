import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource, randomNumbers } from '../../base/chopped-source.ts';
import type { StringTable } from '../../model/string-table.ts';
import { joinSections, snapshotSections } from './draw-snapshot.ts';
import { readHeapSnapshot } from './read.ts';

/** One node whose name is string 0. */
const NODE = '[9,0,1,0,0,0,0]';
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The strings of a snapshot with this text as its "strings", read where they are and from a stream cut anywhere. */
async function stringTables(section: string, seed: number = 1): Promise<StringTable[]> {
  const bytes = encode(joinSections({ ...snapshotSections('root'), nodes: NODE, strings: section }));
  const random = randomNumbers(seed);
  const longest = Math.max(3, bytes.length / 5);
  const sources = [bytesSource(bytes), choppedSource(bytes, () => 1 + Math.floor(random() * longest))];
  return await Promise.all(sources.map(async (source) => (await readHeapSnapshot(source)).strings));
}

const all = (strings: StringTable): string[] =>
  Array.from({ length: strings.length }, (_, index) => strings.get(index));

const awkward = fc.constantFrom(
  '',
  '"',
  '\\',
  '\\"',
  '\\\\"',
  '\u0000',
  '\ud800',
  '\udc00\ud800',
  '\ufeff',
  '\ufffd',
  '\u2028',
  '😀',
  '",\n"',
  ']}',
  '\\u0041',
);
const anyString = fc
  .array(
    fc.oneof(
      awkward,
      fc.string({ unit: 'binary' }),
      fc.string({ maxLength: 80 }),
      fc.string({ unit: 'grapheme' }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** JSON with everything escaped that can be, as V8 writes it. */
const ascii = (text: string): string =>
  `"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;

test('any strings come back exact, raw and escaped, wherever the chunks end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(anyString, fc.boolean()), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(',', ',\n', ' ,\r\n\t    '),
      fc.integer(),
      async (strings, comma, seed) => {
        const section = `[${strings.map(([text, escapeAll]) => (escapeAll ? ascii(text) : JSON.stringify(text))).join(comma)}]`;
        for (const table of await stringTables(section, seed)) {
          expect(all(table)).toEqual(strings.map(([text]) => text));
        }
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});

test('the head of a string is the beginning of the whole, never half an escape', async () => {
  await fc.assert(
    fc.asyncProperty(anyString, fc.boolean(), fc.nat({ max: 40 }), async (text, escapeAll, maxChars) => {
      const section = `[${escapeAll ? ascii(text) : JSON.stringify(text)},          "next"]`;
      for (const table of await stringTables(section)) {
        expect(table.head(0, maxChars)).toBe(text.slice(0, maxChars));
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('strings over several pages of the file are whole, and so are those around their ends', async () => {
  const long = `${'x'.repeat(65_530)}"\\é😀${'y'.repeat(200_000)}\ud83d`;
  const strings = [
    'first',
    long,
    ...Array.from({ length: 600 }, (_, n) => `${n}:${'é'.repeat(n)}`),
    long,
    '',
  ];
  for (const table of await stringTables(JSON.stringify(strings))) {
    expect(all(table)).toEqual(strings);
    expect(table.get(1)).toBe(long);
    for (const maxChars of [1, 65_529, 65_533, 70_000])
      expect(table.head(1, maxChars)).toBe(long.slice(0, maxChars));
  }
});

test('the written length is never below the length in UTF-8', async () => {
  const strings = ['', 'a', 'é😀', '\u0000"\\', '\ud800'];
  for (const section of [
    JSON.stringify(strings),
    `[${strings.map(ascii).join(',\n')}]`,
    JSON.stringify(strings, null, 9),
  ]) {
    for (const table of await stringTables(section)) {
      strings.forEach((text, index) => {
        expect(table.writtenBytes(index)).toBeGreaterThanOrEqual(encode(text).length);
      });
    }
  }
});

test('indexes that do not exist give a placeholder', async () => {
  for (const table of await stringTables('["a"]')) {
    for (const index of [-1, 1, 2 ** 32 - 1, Number.NaN]) {
      expect(table.get(index)).toBe('(lost string)');
      expect(table.head(index, 5)).toBe('(lost string)');
      expect(table.writtenBytes(index)).toBe(0);
    }
  }
});

test('what is no proper JSON within quotes is read as well as it can be', async () => {
  const [table] = await stringTables('["tab\there","\\x41\\n","cut \\u12","raw\u0001 \\u0041"]');
  expect(all(table!)).toEqual(['tab\there', 'x41\n', 'cut u12', 'raw\u0001 A']);
});

test.each([
  ['a comma too many', '["a",]', 5],
  ['a comma too few', '["a" "b"]', 5],
  ['no string', '["a",7]', 5],
  ['a comma at the start', '[,"a"]', 1],
])('%s is an error at its place', async (_, section, at) => {
  const json = joinSections({ ...snapshotSections('root'), nodes: NODE, strings: section });
  const place = json.indexOf('"strings":') + '"strings":'.length + at;
  await expect(readHeapSnapshot(bytesSource(encode(json)))).rejects.toMatchObject({
    code: 'format-invalid',
    offset: place,
  });
});

test('long runs of backslashes are passed in linear time', async () => {
  const strings = ['\\'.repeat(300_000), '\\"'.repeat(100_000), `${'\\'.repeat(99_999)}"`, 'end'];
  const bytes = encode(
    joinSections({ ...snapshotSections('root'), nodes: NODE, strings: JSON.stringify(strings) }),
  );
  const { strings: table } = await readHeapSnapshot(choppedSource(bytes, () => 50_001));
  expect(all(table)).toEqual(strings);
});
