import { expect, test } from 'vitest';
import { untrueDocuments } from './documents.mjs';
import { tempTree } from './temp-tree.mjs';

test('a link to a file that does not exist and an unknown npm script are reported; web links, anchors and code are not', () => {
  const house = tempTree({
    'docs/a.md':
      '[b](b.md) [c](../c.md#part) [web](https://example.org/x) [here](#here) `[x](y)` npm run check, npm run chek',
    'docs/b.md': '```js\nconst a = [1](2);\n```\n',
  });
  expect(untrueDocuments(house, ['docs/a.md', 'docs/b.md'], ['check'])).toEqual([
    'docs/a.md: links to ../c.md#part',
    'docs/a.md: there is no npm script chek',
  ]);
});
