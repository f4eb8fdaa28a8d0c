import { expect, test } from 'vitest';
import type { StackProfile } from '../../model/stack-profile.ts';
import { StackProfileBuilder } from '../../model/stack-profile-builder.ts';
import { diagnoseAllocations } from './diagnose-allocations.ts';

type Sites = Readonly<Record<string, number>>;

/** Live bytes by `file:line`, one frame each; a library's line is called by `app/main.py:1`. */
function profile(sites: Sites, space = 'inuse_space'): StackProfile {
  const builder = new StackProfileBuilder('python', 'python-tracemalloc', 'x.pickle', [
    { type: 'inuse_objects', unit: 'count' },
    { type: space, unit: 'bytes' },
  ]);
  const at = (text: string): number => {
    const [file, line] = text.split(':') as [string, string];
    return builder.location(builder.function('', file), Number(line));
  };
  for (const [place, bytes] of Object.entries(sites)) {
    const frames = place.includes('site-packages') ? [at(place), at('app/main.py:1')] : [at(place)];
    builder.sample(builder.stack(frames), [bytes / 100, bytes]);
  }
  return builder.finish();
}

const diagnosed = (...moments: Sites[]) =>
  diagnoseAllocations(
    moments.map((sites, at) => ({
      label: 'ABC'[at]!,
      file: `${at}.pickle`,
      sizeBytes: null,
      at: null,
      profile: profile(sites),
    })),
  );

test('a line whose memory grows from snapshot to snapshot is a leak, but not who holds it', () => {
  const { verdict, findings, summary } = diagnosed(
    { 'app/cache.py:7': 100_000, 'app/other.py:1': 50_000 },
    { 'app/cache.py:7': 400_000, 'app/other.py:1': 52_000 },
    { 'app/cache.py:7': 700_000, 'app/other.py:1': 50_000 },
  );
  expect(verdict).toBe('leak');
  expect(findings.map(({ location }) => location)).toEqual([
    { file: 'app/cache.py', line: 7, role: 'allocates' },
  ]);
  expect(summary).toContain('Who holds it, profiles cannot tell');
});

test('what a library allocates for the service is told by the line of the service', () => {
  const { findings } = diagnosed(
    { '/x/site-packages/json.py:3': 100_000 },
    { '/x/site-packages/json.py:3': 300_000 },
    { '/x/site-packages/json.py:3': 500_000 },
  );
  expect(findings[0]!.location).toMatchObject({ file: 'app/main.py', line: 1 });
});

test('clean: a cache that filled, and steady memory', () => {
  expect(diagnosed({ 'app/a.py:1': 100 }, { 'app/a.py:1': 900_000 }, { 'app/a.py:1': 900_000 }).verdict).toBe(
    'no-leak',
  );
  expect(
    diagnosed({ 'app/a.py:1': 900_000 }, { 'app/a.py:1': 905_000 }, { 'app/a.py:1': 900_100 }).verdict,
  ).toBe('no-leak');
});

test('two snapshots are never a leak', () => {
  const { verdict, findings } = diagnosed({ 'app/a.py:1': 1000 }, { 'app/a.py:1': 900_000 });
  expect(verdict).toBe('inconclusive');
  expect(findings[0]!.confidence).toBeLessThan(0.5);
});

test('totals of all that was ever allocated always grow: they are no leak and no all-clear', () => {
  const inputs = [1, 2, 3].map((size, at) => ({
    label: 'ABC'[at]!,
    file: `${at}.json`,
    sizeBytes: null,
    at: null,
    profile: profile({ 'app/a.py:1': size * 900_000 }, 'alloc_space'),
  }));
  const { verdict, findings, summary } = diagnoseAllocations(inputs);
  expect(verdict).toBe('inconclusive');
  expect(findings).toEqual([]);
  expect(summary).toContain('all that was ever allocated');
});

test('counts without bytes give no verdict, and the way to compare them', () => {
  const inputs = [1, 2, 3].map((size, at) => ({
    label: 'ABC'[at]!,
    file: `${at}.census.json`,
    sizeBytes: null,
    at: null,
    profile: { ...profile({ 'app/a.js:1': size }), sampleTypes: [{ type: 'objects', unit: 'count' }] },
  }));
  const { verdict, summary } = diagnoseAllocations(inputs);
  expect(verdict).toBe('inconclusive');
  expect(summary).toContain('stanch diff');
});
