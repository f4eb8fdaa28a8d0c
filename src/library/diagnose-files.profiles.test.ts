import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diagnoseFiles } from './diagnose-files.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures');

test('goroutine dumps of three moments name the go statement that leaks', async () => {
  const folder = join(fixtures, 'go-goroutines', 'captured', 'ticker-range');
  const source = join(fixtures, 'go-goroutines', 'service');
  const { diagnosis, evidence } = await diagnoseFiles([folder], { source });
  expect(evidence.profiles.map(({ label }) => label)).toEqual(['A', 'B', 'C']);
  expect(diagnosis).toMatchObject({ runtime: 'go', verdict: 'leak' });
  expect(diagnosis.findings[0]).toMatchObject({ pattern: 'goroutine-runaway' });
});

test('a healthy pool is not accused', async () => {
  const { diagnosis } = await diagnoseFiles([join(fixtures, 'go-goroutines', 'captured', 'fixed-pool')]);
  expect(diagnosis.verdict).toBe('no-leak');
});

test('two tracemalloc snapshots give lines to watch, and say that nobody knows who holds it', async () => {
  const folder = join(fixtures, 'python-tracemalloc', 'python-3.11');
  const { diagnosis, evidence } = await diagnoseFiles([join(folder, 'A.pickle'), join(folder, 'B.pickle')]);
  expect(evidence.unreadable).toEqual([]);
  expect(diagnosis).toMatchObject({ runtime: 'python', verdict: 'inconclusive' });
  for (const finding of diagnosis.findings) {
    expect(finding.confidence).toBeLessThan(0.5);
    expect(finding.against.join()).toContain('never who holds it');
  }
});

test('a profile among heap dumps does not stand in their way', async () => {
  const heap = join(fixtures, 'ruby-objspace', '3.1-plain.json.gz');
  const { diagnosis, evidence } = await diagnoseFiles([heap, join(fixtures, 'memray', 'leaks.csv')]);
  expect(diagnosis.runtime).toBe('ruby');
  expect(evidence.profiles).toHaveLength(1);
});
