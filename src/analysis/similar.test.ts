import { expect, test } from 'vitest';
import { similarTo } from './similar.ts';

const NAMES = ['Session', 'SessionStore', 'Socket', '(string)', 'Map'];

test.each([
  ['session', 'Session'],
  ['Sesion', 'Session'],
  ['SessionSt', 'SessionStore'],
  ['Sokcet', 'Socket'],
  ['string', '(string)'],
  ['Promise', null],
])('%s is most like %s', (wanted, similar) => {
  expect(similarTo(wanted, NAMES)).toBe(similar);
});
