import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// The package as a user gets it: packed, then installed from the tarball into an empty project without a network.
const root: string = dirname(dirname(fileURLToPath(import.meta.url)));
const folder: string = mkdtempSync(join(tmpdir(), 'stanch-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `npm test` told its scripts is not what a user's shell would say. */
const env: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|NODE_|VITEST|FORCE_COLOR)/i.test(name)),
);
const shell: boolean = process.platform === 'win32';

interface Packed {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string; size: number }[];
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd, env, shell, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Standard error is left out: npm itself says things there that depend on the user's settings. */
function stanch(...args: string[]): { status: number | null; stdout: string } {
  const options = { cwd: folder, env, shell, encoding: 'utf8' } as const;
  const { status, stdout } = spawnSync('npx', ['--no-install', 'stanch', ...args], options);
  return { status, stdout };
}

let packed: Packed;
let paths: string[];
beforeAll(() => {
  [packed] = JSON.parse(npm(root, 'pack', '--json', '--pack-destination', folder)) as [Packed];
  paths = packed.files.map(({ path }) => path);
});
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;

describe('what is in the tarball', () => {
  test('the command, the library, its types, the licences and the documents', () => {
    for (const path of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'])
      expect(paths).toContain(path);
    for (const path of ['cli/main.js', 'index.js', 'index.d.ts', 'THIRD-PARTY-NOTICES.txt']) {
      expect(paths).toContain(`dist/${path}`);
    }
    expect(paths.some((path) => path.startsWith('docs/rules/'))).toBe(true);
  });

  test('nothing else: no sources, tests, source maps, dumps or dot files', () => {
    const unwanted = /\.test\.|\.map$|\.heapsnapshot|^(src|test|scripts|bench|labs|fixtures|api)\/|(^|\/)\./;
    expect(paths.filter((path) => unwanted.test(path))).toEqual([]);
  });

  test('no text names a folder of the machine that built it', () => {
    const texts = paths.filter((path) => /\.(js|ts|md|txt|json)$/.test(path));
    expect(texts.filter((path) => readFileSync(join(root, path), 'utf8').includes(root))).toEqual([]);
  });

  // Five commands more than in the release before: 857 kB packed, of which the documents are a third.
  test('it is small', () => {
    expect(packed.size).toBeLessThan(1_000_000);
    expect(packed.unpackedSize).toBeLessThan(3_300_000);
  });

  test('it carries the licence of every package that is bundled', () => {
    const notices = readFileSync(join(root, 'dist', 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['commander', 'fzstd', '@jridgewell/trace-mapping'])
      expect(notices).toContain(`${name} `);
  });
});

describe('what installing it brings', () => {
  test('no dependencies, and nothing in the lockfile that users would get or that runs at installation', () => {
    expect(manifest['dependencies'] ?? {}).toEqual({});
    expect(manifest['optionalDependencies'] ?? {}).toEqual({});
    expect(manifest['peerDependencies'] ?? {}).toEqual({});
    const scripts = (manifest['scripts'] ?? {}) as Record<string, string>;
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);

    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean; hasInstallScript?: boolean }>;
    };
    const others = Object.entries(lock.packages).filter(([path]) => path !== '');
    const forUsers = others.filter(([, entry]) => entry.dev !== true && entry.devOptional !== true);
    expect(forUsers.map(([path]) => path)).toEqual([]);
    expect(others.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path)).toEqual([]);
  });
});

describe('in an empty project', () => {
  beforeAll(() => {
    writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "version": "1.0.0", "private": true }\n');
    npm(
      folder,
      'install',
      '--offline',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `./${packed.filename}`,
    );
    execFileSync(process.execPath, [join(root, 'test', 'tiny-leak.mjs'), folder]);
  });
  const snapshots: string[] = ['A', 'B', 'C'].map((moment) => `${moment}.heapsnapshot`);

  test('one package is installed, and it needs no other', () => {
    const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed).toEqual(['stanch']);
  });

  test('stanch --version is the version of the package', () => {
    expect(stanch('--version')).toMatchObject({ status: 0, stdout: `${manifest['version']}\n` });
  });

  test('stanch --help names the commands', () => {
    const { status, stdout } = stanch('--help');
    expect(status).toBe(0);
    for (const command of ['diff', 'diagnose', 'demo']) expect(stdout).toContain(command);
  });

  test('stanch diagnose names the Map that keeps every session, and exits with 1', () => {
    const { status, stdout } = stanch('diagnose', ...snapshots, '--json');
    expect(status).toBe(1);
    const diagnosis = JSON.parse(stdout);
    expect(diagnosis).toMatchObject({ schema: 'stanch/diagnosis@1', runtime: 'node', verdict: 'leak' });
    expect(diagnosis.findings[0]).toMatchObject({
      pattern: 'unbounded-collection',
      growth: { objects: 1000 },
    });
    expect(diagnosis.findings[0].owner).toContain('sessions');
  });

  test('a program that uses the library compiles with strict types and runs', () => {
    writeFileSync(
      join(folder, 'use.mts'),
      "import * as stanch from 'stanch';\nexport const names: string[] = Object.keys(stanch);\n",
    );
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = [
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2022',
    ];
    const args = [compiler, ...options, '--lib', 'es2023,dom', 'use.mts'];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    execFileSync(process.execPath, [join(folder, 'use.mjs')], { cwd: folder });
  });
});
