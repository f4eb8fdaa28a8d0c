import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { CoolDown } from './cool-down.ts';

test('after a capture it asks for a minute, then no more; another process is not meant', () => {
  const identity = randomUUID();
  const noted = Date.now();
  expect(new CoolDown(identity).check(noted)).toBeNull();
  new CoolDown(identity).note(noted);
  const later = new CoolDown(identity);
  expect(later.check(noted + 20_000)).toMatchObject({ name: 'cool-down', state: 'ask', hint: 'wait 40 s' });
  expect(later.check(noted + 60_000)).toBeNull();
  expect(new CoolDown(randomUUID()).check(noted)).toBeNull();
});

test('a clock that was set back locks nobody out', () => {
  const identity = randomUUID();
  new CoolDown(identity).note(Date.now());
  expect(new CoolDown(identity).check(Date.now() - 3_600_000)).toBeNull();
});
