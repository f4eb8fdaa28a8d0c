import { expect, test } from 'vitest';
import type { Diagnosis, Finding } from '../../model/finding.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { StackProfileBuilder } from '../../model/stack-profile-builder.ts';
import { joinAllocations } from './join-allocations.ts';

function profile(bytes: number): StackProfile {
  const builder = new StackProfileBuilder('python', 'python-tracemalloc', 'x.pickle', [
    { type: 'inuse_objects', unit: 'count' },
    { type: 'inuse_space', unit: 'bytes' },
  ]);
  const at = builder.location(builder.function('', '/srv/app/cache.py'), 21);
  builder.sample(builder.stack([at]), [1, bytes]);
  return builder.finish();
}

const diagnosis = {
  findings: [
    {
      location: { file: 'app/cache.py', line: 9, role: 'adds' },
      alsoSee: [],
      reasons: ['grew'],
      growth: { bytes: 5 },
    } as unknown as Finding,
  ],
} as unknown as Diagnosis;

test('a line of the same file that allocates more and more joins the finding, and changes no figure', () => {
  const [finding] = joinAllocations(diagnosis, [profile(1000), profile(901_000)], null).findings;
  expect(finding!.alsoSee).toEqual([{ file: '/srv/app/cache.py', line: 21, role: 'allocates' }]);
  expect(finding!.reasons[1]).toBe(
    'what /srv/app/cache.py:21 allocates grew by 900 kB in the python-tracemalloc profiles of the same time',
  );
  expect(finding!.growth.bytes).toBe(5);
});

test('one profile, or a line that did not grow, says nothing', () => {
  expect(joinAllocations(diagnosis, [profile(901_000)], null)).toBe(diagnosis);
  const [finding] = joinAllocations(diagnosis, [profile(1000), profile(2000)], null).findings;
  expect(finding!.reasons).toEqual(['grew']);
});
