import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstThatLeaks } from './search.ts';

test('the first that leaks is found in as many tests as the row has binary digits', async () => {
  for (let first = 1; first < 17; first++) {
    const found = await firstThatLeaks(17, async (index) => (index >= first ? 'leak' : 'clean'));
    expect(found.suspects).toEqual([first]);
    expect(found.tested).toBeLessThanOrEqual(5);
  }
});

test('what cannot be tested leaves just those that may be it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 40 }),
      fc.nat(),
      fc.array(fc.nat(), { maxLength: 20 }),
      async (count, seed, broken) => {
        const first = 1 + (seed % (count - 1));
        const skipped = new Set(broken.map((each) => each % count));
        const { suspects } = await firstThatLeaks(count, async (index) =>
          skipped.has(index) ? 'skipped' : index >= first ? 'leak' : 'clean',
        );
        // Slow and obvious: all behind the last that is known to be clean, up to the first that is known to leak.
        const known = [...Array(count).keys()].filter(
          (index) => !skipped.has(index) || index === 0 || index === count - 1,
        );
        const clean = Math.max(...known.filter((index) => index < first));
        const leaks = Math.min(...known.filter((index) => index >= first));
        expect(suspects).toEqual([...Array(count).keys()].filter((index) => index > clean && index <= leaks));
      },
    ),
  );
});
