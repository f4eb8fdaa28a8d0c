import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fingerprint } from './fingerprint.mjs';
import { tempTree } from './temp-tree.mjs';

test('the fingerprint changes with content and names, not with time, and leaves out what is not wanted', () => {
  const folder = tempTree({ 'src/a.ts': 'a', 'src/b/c.ts': 'c', 'src/c.test.ts': 'test' });
  const now = () => fingerprint(folder, ['src', 'absent.json'], (path) => !path.endsWith('.test.ts'));
  const before = now();
  writeFileSync(join(folder, 'src/a.ts'), 'a');
  writeFileSync(join(folder, 'src/c.test.ts'), 'another test');
  expect(now()).toBe(before);
  renameSync(join(folder, 'src/a.ts'), join(folder, 'src/z.ts'));
  expect(now()).not.toBe(before);
  renameSync(join(folder, 'src/z.ts'), join(folder, 'src/a.ts'));
  writeFileSync(join(folder, 'src/b/c.ts'), 'C');
  expect(now()).not.toBe(before);
});
