import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { diagnoseGoroutines } from './diagnose-goroutines.ts';
import { capturedBy, serviceSource } from './testing/captured.ts';
import { type Drawn, drawCapture } from './testing/draw-goroutines.ts';

const FIXTURES = new URL('../../../fixtures/go-goroutines/', import.meta.url);
const read = (path: string): Uint8Array => {
  const bytes = readFileSync(new URL(path, FIXTURES));
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
};
const captured = (name: string, labels: string = 'ABC') => capturedBy(read, name, labels);

const source = serviceSource(read);

const healthy = [
  'fixed-pool',
  'socket-pumps',
  'long-poll',
  'generator',
  'safe-go-awaited',
  'slow-proxy',
  'short-jobs',
  'watch-context',
  'fan-out',
  'control',
];

test.each(healthy)('a healthy busy server is not accused while its load rises: %s', async (name) => {
  for (const options of [{}, { source }]) {
    const { verdict, findings } = diagnoseGoroutines(await captured(name, 'AB'), options);
    expect(verdict).not.toBe('leak');
    expect(findings.filter(({ confidence }) => confidence >= 0.5)).toEqual([]);
  }
});

test.each(healthy)('and is cleared when the load has gone: %s', async (name) => {
  for (const options of [{}, { source }]) {
    const diagnosis = diagnoseGoroutines(await captured(name), options);
    expect(diagnosis).toMatchObject({ verdict: 'no-leak', findings: [], sameProcess: true, runtime: 'go' });
  }
});

const leaking = [
  ['ticker-range', 'goroutine-runaway', 'leaks.go', 18],
  ['select-without-stop', 'goroutine-runaway', 'leaks.go', 36],
  ['abandoned-send', 'goroutine-stuck', 'leaks.go', 51],
  ['background-context', 'context-not-cancelled', 'leaks.go', 68],
  ['cancel-dropped', 'context-not-cancelled', 'leaks.go', 75],
  ['body-not-closed', 'response-body-not-closed', 'leaks.go', 94],
  ['handler-locked', 'goroutine-stuck', 'leaks.go', 107],
  ['nil-channel', 'goroutine-stuck', 'leaks.go', 114],
  ['safe-go-leak', 'goroutine-stuck', 'leaks.go', 130],
] as const;

test.each(leaking)('the leak is named, and nothing else: %s', async (name, pattern, file, line) => {
  const diagnosis = diagnoseGoroutines(await captured(name), { source });
  expect(diagnosis.verdict).toBe('leak');
  expect(diagnosis.findings).toHaveLength(1);
  const [finding] = diagnosis.findings;
  expect(finding).toMatchObject({ pattern, location: { file, line }, growth: { objects: 14 } });
  expect(finding!.reasons[0]).toMatch(/^step [1-4] of 5 in the order of proof/);
  expect(finding!.remedy.docs).toBe(`docs/rules/go/${pattern}.md`);
});

test.each(leaking.filter(([name]) => name !== 'handler-locked'))(
  'two captures are enough where nobody waits for them: %s',
  async (name) => {
    expect(diagnoseGoroutines(await captured(name, 'AB')).verdict).toBe('leak');
  },
);

test('handlers that hang are a suspicion until the clients have left, and the next step says so', async () => {
  const early = diagnoseGoroutines(await captured('handler-locked', 'AB'));
  expect(early.verdict).toBe('inconclusive');
  expect(early.next[0]!.why).toMatch(/after the load has gone/);
  expect(diagnoseGoroutines(await captured('handler-locked')).verdict).toBe('leak');
});

test('the same bug has the same signature with and without the source and in other captures', async () => {
  const signatures = [
    diagnoseGoroutines(await captured('safe-go-leak', 'AB')),
    diagnoseGoroutines(await captured('safe-go-leak'), { source }),
  ].map(({ findings }) => findings[0]!.signature);
  expect(new Set(signatures).size).toBe(1);
});

test('captures of two processes are not compared', async () => {
  const [a] = await captured('ticker-range', 'A');
  const [b] = await captured('fan-out', 'B');
  const diagnosis = diagnoseGoroutines([a!, b!]);
  expect(diagnosis).toMatchObject({ verdict: 'inconclusive', sameProcess: false });
  expect(diagnosis.summary).toMatch(/A was left out/);
  expect(diagnosis.next[0]!.why).toMatch(/of another one/);
});

test('one capture is a question, not a finding', async () => {
  const diagnosis = diagnoseGoroutines(await captured('control', 'B'));
  expect(diagnosis.verdict).toBe('inconclusive');
  expect(diagnosis.findings.every(({ confidence }) => confidence < 0.5)).toBe(true);
});

test('nothing at all is no all-clear', () => {
  expect(diagnoseGoroutines([]).verdict).toBe('inconclusive');
});

const main: Drawn = { state: 'IO wait', count: 1, firstId: 1, frames: ['main.main /srv/main.go:9'] };
const leak = (count: number): Drawn => ({
  state: 'select',
  count,
  firstId: 100,
  frames: ['app/sync.(*Service).Watch.func1 /srv/sync/sync.go:218'],
  by: 'app/sync.(*Service).Watch /srv/sync/sync.go:213',
});

test('without creators (Go 1.20 and older) two captures are a suspicion, three that rise a leak', async () => {
  const captures = await Promise.all(
    [50, 100, 150].map((count, at) => drawCapture('ABC'[at]!, [main, leak(count)])),
  );
  expect(diagnoseGoroutines(captures.slice(0, 2)).verdict).toBe('inconclusive');
  const diagnosis = diagnoseGoroutines(captures);
  expect(diagnosis.verdict).toBe('leak');
  expect(diagnosis.findings[0]!.reasons[0]).toMatch(/step 4 of 5/);
});

test('a pool that filled is no leak', async () => {
  const captures = await Promise.all(
    [50, 100, 100].map((count, at) => drawCapture('ABC'[at]!, [main, leak(count)])),
  );
  expect(diagnoseGoroutines(captures).verdict).not.toBe('leak');
});

test('goroutines that the runtime has proven stuck are a leak even in one capture', async () => {
  const capture = await drawCapture('A', [main, { ...leak(20), state: 'chan receive (leaked)' }]);
  expect(diagnoseGoroutines([capture])).toMatchObject({
    verdict: 'leak',
    findings: [{ pattern: 'goroutine-stuck', confidence: 0.97 }],
  });
});

test('a few goroutines parked for good are a habit', async () => {
  const parked = { ...leak(2), state: 'select (no cases)' };
  const captures = await Promise.all(['A', 'B', 'C'].map((label) => drawCapture(label, [main, parked])));
  expect(diagnoseGoroutines(captures).verdict).toBe('no-leak');
});
