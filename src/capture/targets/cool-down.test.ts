import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stateFolder } from '../state-folder.ts';
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

test('what was noted more than a day ago is removed by the next capture, and nothing else', () => {
  const { XDG_RUNTIME_DIR } = process.env;
  const root = mkdtempSync(join(tmpdir(), 'stanch-cool-down-'));
  process.env['XDG_RUNTIME_DIR'] = root;
  try {
    const folder = stateFolder()!;
    const now = Date.now();
    const file = (name: string, hoursAgo: number): string => {
      writeFileSync(join(folder, name), '1');
      const seconds = now / 1000 - hoursAgo * 3600;
      utimesSync(join(folder, name), seconds, seconds);
      return name;
    };
    file('captured-old', 25);
    const kept = [file('captured-young', 23), file('opened-old', 25)];
    new CoolDown(randomUUID()).note(now);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(kept));
    expect(readdirSync(folder)).toHaveLength(kept.length + 1);
    expect(existsSync(join(folder, 'captured-old'))).toBe(false);
  } finally {
    if (XDG_RUNTIME_DIR === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = XDG_RUNTIME_DIR;
    rmSync(root, { recursive: true, force: true });
  }
});
