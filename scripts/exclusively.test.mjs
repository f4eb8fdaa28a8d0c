import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { exclusively } from './exclusively.mjs';
import { tempTree } from './temp-tree.mjs';

test('two that want the same folder take turns, also when the first one fails', async () => {
  const folder = tempTree({});
  const steps = [];
  const work = (name) => async () => {
    steps.push(`${name} begins`);
    await sleep(50);
    steps.push(`${name} ends`);
    if (name === 'a') throw new Error('a failed');
  };
  const results = await Promise.allSettled([exclusively(folder, work('a')), exclusively(folder, work('b'))]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});
