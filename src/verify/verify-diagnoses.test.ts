import { expect, test } from 'vitest';
import type { Diagnosis, Finding } from '../model/finding.ts';
import { joinVerdicts } from './verdict.ts';
import { verifyDiagnoses } from './verify-diagnoses.ts';

function finding(signature: string, objects: number, changes: Partial<Finding> = {}): Finding {
  return {
    id: 'f-1',
    rank: 1,
    pattern: 'listener-leak',
    title: `listeners ${signature}`,
    owner: `bus ${signature}`,
    location: null,
    alsoSee: [],
    growth: {
      objects,
      bytes: objects * 100,
      series: [0, objects],
      bytesSeries: [0, objects * 100],
      holders: 1,
      perHour: null,
      perOperation: null,
    },
    retainedBytes: null,
    members: [],
    alsoHeldBy: [],
    path: [],
    signature,
    confidence: 0.9,
    reasons: [],
    evidence: [],
    against: [],
    remedy: { summary: '', example: '', docs: '' },
    ...changes,
  };
}

function diagnosis(findings: Finding[], changes: Partial<Diagnosis> = {}): Diagnosis {
  return {
    schema: 'stanch/diagnosis@1',
    runtime: 'node',
    verdict: findings.length > 0 ? 'leak' : 'no-leak',
    confidence: 0.9,
    summary: '',
    sameProcess: true,
    evidence: [],
    growth: {
      fromBytes: 0,
      toBytes: 0,
      grownBytes: 0,
      shrunkBytes: 0,
      explainedBytes: 0,
      explainedShare: 1,
      unexplained: [],
    },
    findings,
    harmless: [],
    claims: [],
    next: [],
    ...changes,
  };
}

const leaking = { diagnosis: diagnosis([finding('a', 1200), finding('b', 400)]), operations: 400 };

test('fixed is when every signature is gone and no other came', () => {
  const result = verifyDiagnoses(leaking, { diagnosis: diagnosis([]), operations: 400 });
  expect(result.verdict).toBe('fixed');
  expect(result.causes.map(({ state }) => state)).toEqual(['gone', 'gone']);
});

test('a cause that remains says how much of it, for each operation', () => {
  const result = verifyDiagnoses(leaking, { diagnosis: diagnosis([finding('a', 1200)]), operations: 800 });
  expect(result.verdict).toBe('still-leaking');
  expect(result.causes).toMatchObject([{ state: 'remains', remainingShare: 0.5 }, { state: 'gone' }]);
});

test('another leak is still a leak', () => {
  const result = verifyDiagnoses(leaking, { diagnosis: diagnosis([finding('c', 50)]), operations: 400 });
  expect(result.verdict).toBe('still-leaking');
  expect(result.causes.at(-1)).toMatchObject({ state: 'new', signature: 'c', before: null });
});

test('one of two places repaired changes what they have in common, not who owns it', () => {
  const after = finding('a-without-one', 600, { owner: 'bus a' });
  const [cause] = verifyDiagnoses(leaking, { diagnosis: diagnosis([after]), operations: 400 }).causes;
  expect(cause).toMatchObject({ state: 'remains', remainingShare: 0.5 });
});

test('too little load after the fix proves nothing', () => {
  const { verdict, missing } = verifyDiagnoses(leaking, { diagnosis: diagnosis([]), operations: 4 });
  expect(verdict).toBe('not-enough-data');
  expect(missing[0]).toMatch(/would have left 4 objects only/);
});

test('without counts the times of the dumps say how much longer one side was watched', () => {
  const at = (...hours: number[]): Partial<Diagnosis> => ({
    evidence: hours.map((hour) => ({
      id: '',
      label: '',
      kind: 'heap-graph',
      format: '',
      file: '',
      sha256: null,
      at: new Date(hour * 3_600_000).toISOString(),
      bytes: null,
      objects: 0,
      heapBytes: 0,
      partial: null,
    })),
  });
  const before = { diagnosis: diagnosis([finding('a', 1000)], at(0, 2)) };
  expect(verifyDiagnoses(before, { diagnosis: diagnosis([], at(5, 7)) }).verdict).toBe('fixed');
  expect(verifyDiagnoses(before, { diagnosis: diagnosis([], at(5, 5.01)) }).verdict).toBe('not-enough-data');
});

test('dumps that do not tell are not a fix', () => {
  const unclear = diagnosis([], { verdict: 'inconclusive', summary: 'two dumps only' });
  const result = verifyDiagnoses(leaking, { diagnosis: unclear, operations: 400 });
  expect(result).toMatchObject({
    verdict: 'not-enough-data',
    missing: [expect.stringMatching(/two dumps only/)],
  });
});

test('a leak that either the numbers or the dumps see is one, and fixed needs both', () => {
  const dumps = verifyDiagnoses(leaking, { diagnosis: diagnosis([]), operations: 400 });
  expect(joinVerdicts(null, dumps)).toMatchObject({ schema: 'stanch/verify@1', verdict: 'fixed' });
  const series = { verdict: 'not-enough-data', reasons: [], missing: ['needs 2 h'] } as never;
  expect(joinVerdicts(series, dumps).verdict).toBe('not-enough-data');
  const still = verifyDiagnoses(leaking, { diagnosis: diagnosis([finding('a', 9)]), operations: 400 });
  expect(joinVerdicts(series, still)).toMatchObject({ verdict: 'still-leaking', missing: [] });
  expect(joinVerdicts(null, null).verdict).toBe('not-enough-data');
});
