import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { capturedOutput } from './captured-output.ts';
import type { Output } from './output.ts';
import { run } from './run.ts';

const folder: string = mkdtempSync(join(tmpdir(), 'stanch-cli-'));
const at = (name: string): string => join(folder, name);
const [A, B, C] = ['A', 'B', 'C'].map((moment) => at(`${moment}.heapsnapshot`)) as [string, string, string];

// A real leaking program, and its three heap snapshots.
beforeAll(() => {
  const program = fileURLToPath(new URL('../../test/tiny-leak.mjs', import.meta.url));
  execFileSync(process.execPath, [program, folder]);
  writeFileSync(at('notes.txt'), 'no dump');
  writeFileSync(at('cut.heapsnapshot'), readFileSync(B).subarray(0, -5000));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function stanch(args: string[], changes: Partial<Output> = {}, debug = false) {
  const output = capturedOutput(changes);
  const exitCode = await run(args, output, debug);
  return { exitCode, out: output.results(), err: output.messages() };
}

async function json(...args: string[]) {
  const { exitCode, out, err } = await stanch([...args, '--json']);
  return { exitCode, err, document: JSON.parse(out) };
}

const widest = (text: string): number => Math.max(...text.split('\n').map((each) => each.length));

describe('diagnose', () => {
  test('names the cause, and exits with 1', async () => {
    const { exitCode, out, err } = await stanch(['diagnose', A, B, C]);
    expect(exitCode).toBe(1);
    expect(err).toBe('');
    expect(out).toMatch(/^✗ Leak: /);
    expect(out).toContain('sessions');
    expect(out).toContain('+1,000');
    expect(widest(out.split('Next')[0]!)).toBeLessThanOrEqual(100);
  });

  test('gives one JSON document, and takes folders, stdin and operations', async () => {
    const { exitCode, document } = await json('diagnose', folder, '--operations', '1000', '--top', '1');
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({
      schema: 'stanch/diagnosis@1',
      verdict: 'leak',
      findings: [{ rank: 1, growth: { objects: 1000 } }],
    });
    const files = document.evidence.map(
      ({ label, file }: { label: string; file: string }) => `${label} ${file}`,
    );
    expect(files).toContain(`A ${A}`);
  });

  test('puts dumps in the order of time whatever their order and names', async () => {
    const { document } = await json('diagnose', C, A, B);
    expect(document.evidence.map(({ file }: { file: string }) => file)).toEqual([A, B, C]);
  });

  test('names what it could not read and uses the rest', async () => {
    const { exitCode, document } = await json(
      'diagnose',
      A,
      at('cut.heapsnapshot'),
      C,
      at('notes.txt'),
      at('none'),
    );
    expect([0, 1, 5]).toContain(exitCode);
    expect(document.evidence).toHaveLength(2);
    expect(document.unreadable.map(({ reason }: { reason: string }) => reason)).toEqual([
      'nothing that Stanch knows',
      'no such file',
      expect.stringMatching(/^at byte \d+: expected/),
    ]);
  });

  test('of one dump cannot tell, and exits with 5', async () => {
    const { exitCode, document } = await json('diagnose', A);
    expect(exitCode).toBe(5);
    expect(document.verdict).toBe('inconclusive');
  });

  test('reads standard input', async () => {
    async function* stdin(): AsyncGenerator<Uint8Array> {
      yield readFileSync(C);
    }
    const output = capturedOutput({ stdin: stdin() });
    expect(await run(['diagnose', A, B, '-', '--json'], output)).toBe(1);
    expect(JSON.parse(output.results()).evidence).toHaveLength(3);
  });

  test('without anything to read exits with 3', async () => {
    expect(await stanch(['diagnose', at('none')])).toMatchObject({
      exitCode: 3,
      out: '',
      err: expect.stringContaining('no such file'),
    });
  });

  test('with a source folder that does not exist exits with 2', async () => {
    expect(await stanch(['diagnose', A, '--source', at('nowhere')])).toMatchObject({ exitCode: 2, out: '' });
  });
});

describe('diff', () => {
  test('says what grew', async () => {
    const { exitCode, out } = await stanch(['diff', A, B, C, '--limit', '60']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^The heap grew by [\d.]+ kB/);
    expect(out).toMatch(/\+1,000 +1,000 → 1,500 → 2,000 +Session/);
    expect(widest(out.split('Next')[0]!)).toBeLessThanOrEqual(100);
  });

  test('gives numbers by dump, and new, gone and surviving objects', async () => {
    const { exitCode, document } = await json('diff', A, C);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ schema: 'stanch/diff@1', sameProcess: true });
    const session = document.classes.find(({ name }: { name: string }) => name === 'Session');
    expect(session).toMatchObject({ objects: [1000, 2000], new: { objects: 1000 }, gone: { objects: 0 } });
    expect(session.newest).toMatch(/^n-\d+$/);
    const grown = document.bytes[1] - document.bytes[0];
    expect(document.new.bytes - document.gone.bytes + document.surviving.grownBytes).toBe(grown);
  });

  test('needs two dumps that can be read', async () => {
    expect(await stanch(['diff', A])).toMatchObject({ exitCode: 2, err: expect.stringContaining('two') });
    expect(await stanch(['diff', A, at('notes.txt')])).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('nothing that Stanch knows'),
    });
  });
});

describe('objects, object and path', () => {
  test('lead from the classes to an object and to what keeps it', async () => {
    const { document: classes } = await json('objects', C, '--sort', 'count', '--limit', '1000');
    const session = classes.classes.find(({ name }: { name: string }) => name === 'Session');
    expect(session).toMatchObject({ objects: 2000 });

    const { document: listing } = await json('objects', C, '--class', 'Session', '--limit', '3');
    expect(listing).toMatchObject({ schema: 'stanch/objects@1', class: 'Session', objectCount: 2000 });
    const { handle } = listing.objects[0];

    const { document: object } = await json('object', C, handle);
    expect(object).toMatchObject({ schema: 'stanch/object@1', name: 'Session' });
    expect(object.references.map(({ via }: { via: string }) => via)).toContain('.cart');

    const { document: path } = await json('path', C, handle);
    expect(path.schema).toBe('stanch/path@1');
    expect(path.steps.map(({ via }: { via: string }) => via)).toContain('.sessions');

    const { document: ways } = await json('path', C, 'Session', '--all');
    expect(ways).toMatchObject({ of: 'Session', objects: 2000 });
    expect(ways.ways[0]).toMatchObject({ objects: 2000 });
    expect(ways.ways[0].sample.steps.map(({ via }: { via: string }) => via)).toContain('.sessions');
  });

  test.each([
    ['objects', []],
    ['objects', ['--class', 'Session', '--limit', '3']],
    ['object', ['n-1']],
    ['path', ['Session', '--all']],
  ])('%s %j fits 100 columns', async (command, rest) => {
    const { exitCode, out } = await stanch([command, C, ...rest]);
    expect(exitCode).toBe(0);
    expect(widest(out)).toBeLessThanOrEqual(100);
  });

  test('mask values unless they are asked for', async () => {
    const args = ['objects', C, '--class', '(string)', '--sort', 'self', '--limit', '2000'];
    expect((await stanch(args)).out).not.toContain('user-1999');
    const shown = await stanch(['objects', C, '--class', '(string)', '--limit', '100000', '--show-values']);
    expect(shown.out).toContain('"user-1999" (9)');
  });

  test('read a truncated dump only with --partial, and say what is missing', async () => {
    const cut = at('cut.heapsnapshot');
    const refused = await stanch(['objects', cut]);
    expect(refused).toMatchObject({ exitCode: 3, out: '' });
    expect(refused.err).toMatch(/at byte \d+: expected/);
    expect(refused.err).toContain('--partial');
    const { exitCode, document } = await json('objects', cut, '--partial');
    expect(exitCode).toBe(0);
    expect(document.partial).toContain('names after the first');
  });

  test.each([
    [['object', C, 'n-99999999'], /no object n-99999999/],
    [['object', C, 'Session'], /no object Session/],
    [['path', C, 'Session'], /is no handle/],
    [['objects', C, '--class', 'Sesion'], /did you mean Session\?/],
    [['objects', C, '--class', 'Session', '--sort', 'count'], /--sort count is for classes/],
  ])('%j is not understood', async (args, message) => {
    const { exitCode, out, err } = await stanch(args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(message);
  });
});

describe('the command line', () => {
  test('has help for every command, with examples', async () => {
    for (const command of [
      'top',
      'capture',
      'case',
      'confirm',
      'check',
      'diagnose',
      'diff',
      'objects',
      'object',
      'path',
      'profile',
      'mitigate',
      'run',
      'verify',
      'report',
      'demo',
    ]) {
      const { exitCode, out } = await stanch([command, '--help']);
      expect(exitCode).toBe(0);
      expect(out).toContain('Examples:');
      expect(out).toContain(`stanch ${command}`);
      expect(widest(out)).toBeLessThanOrEqual(100);
    }
  });

  test('tells its version', async () => {
    expect(await stanch(['--version'])).toMatchObject({ exitCode: 0, out: `${packageJson.version}\n` });
  });

  test.each([
    [['diagnos', 'x'], /did you mean diagnose\?/],
    [['diagnose', '--jsn', 'x'], /did you mean --json\?/],
    [['diagnose'], /missing required argument/],
    [['diagnose', 'x', '--top', 'many'], /whole number/],
    [['demo', 'nothing'], /collabcanvas/],
    [['objects', 'x', '--sort', 'size'], /retained, self, count/],
  ])('%j is a usage error: exit code 2, one message, no stack', async (args, message) => {
    const { exitCode, out, err } = await stanch(args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });

  test('without a command shows the help and exits with 2', async () => {
    expect(await stanch([])).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining('Usage:') });
  });

  test('shows a stack only for debugging', async () => {
    const { err } = await stanch(['diagnose', at('none')], {}, true);
    expect(err).toContain('    at ');
  });

  test('has colours only where they are wanted', async () => {
    expect((await stanch(['objects', C])).out).not.toContain('\u001b[');
    expect((await stanch(['objects', C], { colours: true })).out).toContain('\u001b[');
    expect((await stanch(['objects', 'none'], { messageColours: true })).err).toContain('\u001b[');
  });

  test('writes progress for terminals only, and takes it away', async () => {
    expect((await stanch(['objects', C])).err).toBe('');
    const { err } = await stanch(['objects', C], { showsProgress: true });
    expect(err.endsWith('\r\u001b[2K')).toBe(true);
  });
});
