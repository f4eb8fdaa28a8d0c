import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { diskCheck, memoryCheck, pauseCheck, stateOf } from './pre-flight.ts';

const need = { mostBytes: 800e6, leastBytes: 600e6, why: '8 × 100 MB', instead: 'take a profile' };
const room = (limitBytes: number | null, usedBytes: number | null, machineFreeBytes: number) => ({
  limitBytes,
  usedBytes,
  cgroup: null,
  machineFreeBytes,
  headroomBytes: Math.min(machineFreeBytes, limitBytes === null ? machineFreeBytes : limitBytes - usedBytes!),
});

test('at 95 % of its limit a process is refused, and told what to do instead', () => {
  expect(memoryCheck(need, room(2e9, 1.9e9, 50e9))).toMatchObject({
    state: 'refused',
    says: expect.stringContaining('100 MB are left of its limit of 2.00 GB'),
    hint: 'take a profile',
  });
});

test('between what is known and the worst it asks; with room for the worst it does not', () => {
  expect(memoryCheck(need, room(2e9, 1.3e9, 50e9)).state).toBe('ask');
  expect(memoryCheck(need, room(2e9, 1e9, 50e9)).state).toBe('ok');
});

test('the machine counts too when it has less left than the limit', () => {
  expect(memoryCheck(need, room(20e9, 1e9, 500e6))).toMatchObject({
    state: 'refused',
    says: expect.stringContaining('free on the machine'),
  });
  expect(memoryCheck(need, null).state).toBe('ask');
});

test('short pauses are told, long ones asked for, those that a liveness probe ends refused', () => {
  expect([500, 5000, 600_000].map((ms) => pauseCheck(ms, '').state)).toEqual(['ok', 'ask', 'refused']);
});

test('more than the disk has is refused', async () => {
  expect((await diskCheck(tmpdir(), 1, '')).state).toBe('ok');
  expect((await diskCheck(tmpdir(), 1e18, '')).state).toBe('refused');
});

test('the worst check decides', () => {
  const check = (state: 'ok' | 'ask' | 'refused') => ({ name: 'memory', state, says: '' }) as const;
  expect(stateOf([check('ok'), check('refused'), check('ask')])).toBe('refused');
  expect(stateOf([check('ok'), check('ask')])).toBe('ask');
  expect(stateOf([])).toBe('ok');
});
