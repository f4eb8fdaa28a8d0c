import { spawnSync } from 'node:child_process';
import { ready } from './ready.mjs';
import { commandFile, root } from './root.mjs';

// Everything that must hold apart from the tests. Every step runs even if one before it failed.
await ready({ build: false });

const STEPS = [
  {
    name: 'format and lint',
    run: () => [commandFile('@biomejs/biome', 'biome'), 'ci', '.'],
    mend: 'npm run fix',
  },
  { name: 'types', run: () => [commandFile('typescript', 'tsc'), '-p', '.'], mend: 'mend the types above' },
  {
    name: 'floors',
    run: () => ['scripts/floors.mjs'],
    mend: 'move the code, or argue for a line in scripts/floors.json',
  },
  { name: 'catalog', run: () => ['scripts/catalog.mjs'], mend: 'add the missing parts named above' },
  { name: 'documents', run: () => ['scripts/documents.mjs'], mend: 'mend the links and names above' },
  { name: 'lockfile', run: () => ['scripts/lockfile.mjs'], mend: 'npm run fix' },
  {
    name: 'dead code',
    run: () => [commandFile('knip')],
    mend: 'remove what nothing uses, or stop exporting it',
  },
  { name: 'build', run: () => ['scripts/ready.mjs'], mend: 'npm run build' },
  {
    name: 'public API',
    run: () => ['scripts/api.mjs'],
    mend: 'npm run fix, and read the difference in api/',
  },
  {
    name: 'package',
    run: () => [commandFile('publint'), '--strict'],
    mend: 'mend package.json as said above',
  },
];

const failed = [];
for (const { name, run, mend } of STEPS) {
  const started = performance.now();
  const { status, output } = execute(run);
  const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(16)} ${seconds.padStart(7)}\n`);
  if (status === 0) continue;
  failed.push(name);
  process.stdout.write(`${output.trimEnd()}\n\n  to mend: ${mend}\n\n`);
}
process.stdout.write(
  failed.length === 0
    ? `\nAll ${STEPS.length} checks hold.\n`
    : `\n${failed.length} of ${STEPS.length} checks failed: ${failed.join(', ')}.\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

/** @param {() => string[]} run */
function execute(run) {
  try {
    const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 };
    const { status, stdout, stderr } = spawnSync(process.execPath, run(), options);
    return { status, output: `${stdout}${stderr}` };
  } catch (error) {
    return { status: 1, output: String(error) };
  }
}
