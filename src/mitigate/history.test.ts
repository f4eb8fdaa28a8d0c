import { describe, expect, test } from 'vitest';
import type { TimelineRecord } from '../model/case.ts';
import { closedAtMs, historyGates, intentFacts, outcomeFacts, pastActs, unfinishedGate } from './history.ts';
import type { Outcome } from './plan.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;
const LIMITS = { coolDownMs: MINUTE, mostPerHour: 3, closedMs: Number.NEGATIVE_INFINITY };

function records(
  ...entries: { minutesAgo: number; facts: Readonly<Record<string, string>>; kind?: 'action' | 'note' }[]
): TimelineRecord[] {
  return entries.map(({ minutesAgo, facts, kind = 'action' }, at) => ({
    v: 1,
    seq: at + 1,
    kind,
    at: new Date(NOW - minutesAgo * MINUTE).toISOString(),
    recordedAt: '',
    text: 'a restart',
    prev: '',
    facts: { ...facts },
  }));
}

const ended = (state: Outcome['state']): Outcome => ({
  state,
  says: '',
  oldPids: [7],
  newPids: [8],
  memoryBeforeBytes: 2,
  memoryAfterBytes: 1,
  checks: null,
  elapsedMs: 5,
});
const restart = (id: string, minutesAgo: number, state: Outcome['state'] | null, tree: string = 't') => [
  { minutesAgo, facts: intentFacts(id, { act: 'restart', tree, processes: ['7:70'] }) },
  ...(state === null ? [] : [{ minutesAgo, facts: outcomeFacts(id, 'restart', tree, ended(state)) }]),
];
const refused = (...entries: ReturnType<typeof restart>): string[] =>
  historyGates(pastActs(records(...entries)), 't', NOW, LIMITS)
    .filter(({ state }) => state === 'refuse')
    .map(({ name }) => name);

describe('what earlier acts allow', () => {
  test('nothing speaks against the first', () => expect(refused()).toEqual([]));

  test('the next comes after the cool-down', () => {
    expect(refused(...restart('a', 0.5, 'done'))).toEqual(['cool-down']);
    expect(refused(...restart('a', 2, 'done'))).toEqual([]);
  });

  test('one that went wrong opens the circuit for an hour', () => {
    for (const state of ['failed', 'no-relief', 'interrupted'] as const)
      expect(refused(...restart('a', 30, state))).toEqual(['circuit']);
    expect(refused(...restart('a', 61, 'failed'))).toEqual([]);
  });

  test('too many within an hour open it too', () => {
    expect(refused(...restart('a', 50, 'done'), ...restart('b', 40, 'done'))).toEqual([]);
    expect(
      refused(...restart('a', 50, 'done'), ...restart('b', 40, 'done'), ...restart('c', 30, 'done')),
    ).toEqual(['circuit']);
  });

  test('other services, collections and notes do not count', () => {
    const collection = { minutesAgo: 0, facts: intentFacts('g', { act: 'gc', tree: 't' }) };
    expect(
      refused(...restart('a', 0.5, 'failed', 'other'), collection, { minutesAgo: 0, facts: {} }),
    ).toEqual([]);
  });

  test('whoever closes it is believed for what was before', () => {
    const all = records(...restart('a', 30, 'failed'), {
      minutesAgo: 20,
      facts: { phase: 'circuit-closed', tree: 't' },
    });
    const closedMs = closedAtMs(all, 't');
    expect(
      historyGates(pastActs(all), 't', NOW, { ...LIMITS, closedMs }).every(({ state }) => state === 'pass'),
    ).toBe(true);
    expect(closedAtMs(all, 'other')).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('an act without an outcome', () => {
  const acts = pastActs(records(...restart('a', 5, null)));

  test('refuses a second one while its process is there', () => {
    const { gate, settle } = unfinishedGate(acts, 't', (process) => process === '7:70');
    expect(gate).toMatchObject({ name: 'one-at-a-time', state: 'refuse' });
    expect(settle).toEqual([]);
  });

  test('is settled when its process is gone', () => {
    const { gate, settle } = unfinishedGate(acts, 't', () => false);
    expect(gate).toMatchObject({ state: 'note' });
    expect(settle).toMatchObject([{ act: { id: 'a' } }]);
  });

  test('is none of another service', () => {
    expect(unfinishedGate(acts, 'other', () => true)).toEqual({ gate: null, settle: [] });
  });
});
