import { describe, expect, test } from 'vitest';
import { type EvidenceQuestion, evidenceGate, type HeldEvidence, ownEvidence } from './evidence-gate.ts';

const STARTED = Date.parse('2026-01-01T10:00:00Z');
const dump = (changes: Partial<HeldEvidence> = {}): HeldEvidence => ({
  name: 'A.heapsnapshot',
  kind: 'heap-graph',
  format: 'v8-heapsnapshot',
  takenAt: '2026-01-01T11:00:00Z',
  pid: null,
  ...changes,
});
const gate = (evidence: readonly HeldEvidence[] | null, changes: Partial<EvidenceQuestion> = {}) =>
  evidenceGate({
    evidence,
    without: null,
    runtime: 'node',
    startedMs: STARTED,
    pids: [1, 2],
    capture: 'stanch capture 2',
    ...changes,
  });

test('a dump of this service in this life of it is enough', () => {
  expect(gate([dump()]).state).toBe('pass');
  expect(gate([dump({ pid: 2 })]).state).toBe('pass');
  expect(gate([dump({ kind: 'stack-profile', format: 'pprof' })]).state).toBe('pass');
});

test.each([
  ['no case', null, 'no case yet'],
  ['an empty case', [], 'no dump and no profile'],
  ['a log only', [dump({ kind: 'log', format: 'log' })], 'no dump and no profile'],
  ['another runtime', [dump({ format: 'ruby-objspace' })], 'another runtime'],
  ['another process', [dump({ pid: 3 })], 'another service (process 3)'],
  ['an earlier life', [dump({ takenAt: '2026-01-01T09:00:00Z' })], 'older than this life'],
])('%s is not', (_, evidence, says) => {
  expect(gate(evidence)).toMatchObject({ state: 'refuse', says: expect.stringContaining(says) });
  expect(gate(evidence, { without: 'no time' })).toMatchObject({
    state: 'note',
    says: expect.stringContaining('no time'),
  });
});

test('what cannot be known does not refuse', () => {
  expect(gate([dump({ pid: 3 })], { pids: null }).state).toBe('pass');
  expect(gate([dump({ takenAt: '2020-01-01T00:00:00Z' })], { startedMs: null }).state).toBe('pass');
});

describe('of a service in containers', () => {
  const processes = [
    { pid: 10, runtime: 'node', master: false },
    { pid: 11, runtime: null, master: false },
  ] as const;
  const held = [dump({ pid: 10 }), dump({ pid: 20 }), dump({ pid: 30 }), dump({ pid: null })];
  const own = ownEvidence(processes, held, (pid) => pid !== 30);

  test('what belongs to a process of it, or to one that has ended, may be its own', () => {
    expect(own).toEqual({ runtime: 'node', pids: [10, 11, 30] });
    expect(gate([dump({ pid: 10 })], own).state).toBe('pass');
    expect(gate([dump({ pid: 30 })], own).state).toBe('pass');
  });

  test('what belongs to another process that is at work, or is of another runtime, does not', () => {
    expect(gate([dump({ pid: 20 })], own)).toMatchObject({
      state: 'refuse',
      says: expect.stringContaining('20'),
    });
    expect(gate([dump({ format: 'python-gc', pid: null })], own).state).toBe('refuse');
  });

  test('nothing is known where they cannot be seen', () => {
    expect(ownEvidence(null, held, () => true)).toEqual({ runtime: null, pids: null });
  });
});
