import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { build } from 'rolldown';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { processMark } from '../processes/process-identity.ts';
import { podForward } from './kubectl.ts';

const root = mkdtempSync(join(tmpdir(), 'stanch-kubectl-'));
const { PATH } = process.env;
const pidFile = join(root, 'pid');
const place = { namespace: 'shop', pod: 'web-1', container: null };

beforeAll(() => {
  // An outside system stood in for: it forwards for ever, as kubectl does.
  const program = `#!${process.execPath}
require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
console.log('Forwarding from 127.0.0.1:40000 -> 8080');
setInterval(() => {}, 1000);`;
  writeFileSync(join(root, 'kubectl'), program, { mode: 0o755 });
});
afterEach(() => {
  process.env['PATH'] = PATH;
  rmSync(pidFile, { force: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const forwards = (): boolean => processMark(Number(readFileSync(pidFile, 'utf8'))) !== null;

describe.runIf(process.platform === 'linux')('a forwarded port', () => {
  test('ends when it is closed', async () => {
    process.env['PATH'] = `${root}${delimiter}${PATH}`;
    const tunnel = await podForward(place, 8080);
    expect(tunnel.port).toBe(40_000);
    expect(forwards()).toBe(true);
    await tunnel.close();
    expect(forwards()).toBe(false);
  });

  test('ends when whoever asked for it is killed', async () => {
    const file = join(root, 'kubectl.mjs');
    await build({
      input: join(import.meta.dirname, 'kubectl.ts'),
      platform: 'node',
      logLevel: 'silent',
      output: { file },
    });
    const code = `import(${JSON.stringify(file)}).then(({ podForward }) => podForward(${JSON.stringify(place)}, 8080)).then(({ port }) => console.log(port))`;
    const child = spawn(process.execPath, ['-e', code], {
      env: { ...process.env, PATH: `${root}${delimiter}${PATH}` },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    expect(forwards()).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(forwards, { timeout: 15_000 }).toBe(false);
  }, 30_000);

  test('cannot be had without kubectl, and that is said', async () => {
    const empty = mkdtempSync(join(root, 'empty-'));
    process.env['PATH'] = empty;
    await expect(podForward(place, 8080)).rejects.toThrow('kubectl is not installed here');
    expect(existsSync(pidFile)).toBe(false);
  });
});
