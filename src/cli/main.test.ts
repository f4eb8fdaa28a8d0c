import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { snapshotBytes } from '../formats/v8-heapsnapshot/draw-snapshot.ts';

// The program as it is built: what only a process of its own can show.
const MAIN: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder: string = mkdtempSync(join(tmpdir(), 'stanch-main-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const snapshot: string = join(folder, 'A.heapsnapshot');
writeFileSync(snapshot, snapshotBytes('root -!global-> g:Object -.list-> l:Array -[]-> s*3000:Session#100'));

function start(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, TMPDIR: folder, ...env },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, out, err }));
  return { child, ended };
}

describe.skipIf(!existsSync(MAIN))('the built program', () => {
  test('says nothing when its reader has seen enough', () => {
    const args = `'${process.execPath}' '${MAIN}' objects '${snapshot}' --class Session --limit 3000 --json`;
    const script = `${args} 2>'${join(folder, 'err')}' | head -c 10 > /dev/null; cat '${join(folder, 'err')}'`;
    if (process.platform !== 'win32')
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe('');
  });

  test('shows a stack trace only with STANCH_DEBUG=1', async () => {
    const plain = await start(['objects', 'none']).ended;
    expect(plain).toMatchObject({ code: 3, out: '' });
    expect(plain.err).not.toContain('    at ');
    const debug = await start(['objects', 'none'], { STANCH_DEBUG: '1' }).ended;
    expect(debug.err).toContain('    at ');
  });

  test.skipIf(process.platform === 'win32')('stops at once on Ctrl-C', async () => {
    const { child, ended } = start(['objects', '-']);
    child.stdin.write('{"snapshot":');
    await sleep(500);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ signal: 'SIGINT', out: '', err: '' });
  });

  test.skipIf(process.platform === 'win32')(
    'ends what the demo started, and leaves no files, on Ctrl-C',
    async () => {
      const { child, ended } = start(['demo', '--ops', '100000']);
      const made = (): boolean => readdirSync(folder).some((name) => name.startsWith('stanch-demo-'));
      while (!made()) await sleep(50);
      await sleep(1500);
      child.kill('SIGINT');
      const { code, err } = await ended;
      expect(code).toBe(130);
      expect(err).toContain('stopped');
      expect(made()).toBe(false);
    },
  );
});
