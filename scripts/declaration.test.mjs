import { expect, test } from 'vitest';
import { exportsOf, normalized, undocumented } from './declaration.mjs';

const declaration = `//#region src/a.d.ts
/** Opens it. */
declare function openIt(path: string): It;
/**
 * Reads it.
 *
 * @example
 * \`\`\`js
 * const it = await readIt('a');
 * \`\`\`
 */
declare function readIt(path: string): Promise<It>;
interface It {
  a: number;
}
/** How many. */
declare const COUNT$1 = 3;
//#endregion
export { COUNT$1 as COUNT, type It, openIt, readIt };
`;

test('marks of source files go, exports stand one a line in the order of their names', () => {
  expect(normalized(declaration)).not.toContain('region');
  expect(normalized('export { type B, a, c };\n')).toBe('export {\n  a,\n  type B,\n  c,\n};\n');
});

test('doc comments and examples are found under the exported name, also after normalizing', () => {
  for (const text of [declaration, normalized(declaration)]) {
    const found = Object.fromEntries(exportsOf(text).map((entry) => [entry.name, entry]));
    expect(found.readIt).toEqual({
      name: 'readIt',
      isFunction: true,
      doc: 'Reads it.',
      examples: ["const it = await readIt('a');"],
    });
    expect(found.COUNT).toMatchObject({ isFunction: false, doc: 'How many.' });
  }
});

test('a function without an example and an export without a doc comment are named', () => {
  expect(undocumented(exportsOf(declaration))).toEqual(['It has no doc comment', 'openIt has no @example']);
});
