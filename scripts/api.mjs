import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportsOf, publicDeclaration, undocumented } from './declaration.mjs';
import { root } from './root.mjs';

// The public API is a file in the repository: who changes it sees the difference, and so does the reviewer.
const recorded = join(root, 'api', 'index.d.ts');
/** A difference longer than this is not read on a terminal anyway. */
const LINES_SHOWN = 150;

const declaration = await publicDeclaration();

if (process.argv.includes('--update')) {
  mkdirSync(join(root, 'api'), { recursive: true });
  writeFileSync(recorded, declaration);
} else if (!existsSync(recorded) || readFileSync(recorded, 'utf8') !== declaration) {
  process.stdout.write(
    `${difference()}\napi/index.d.ts is not what the sources give. If the change is meant: npm run fix\n`,
  );
  process.exitCode = 1;
}
const unsaid = undocumented(exportsOf(declaration));
for (const line of unsaid) process.stdout.write(`${line}\n`);
if (unsaid.length > 0) process.exitCode = 1;

function difference() {
  const folder = mkdtempSync(join(tmpdir(), 'stanch-api-'));
  try {
    writeFileSync(join(folder, 'index.d.ts'), declaration);
    const args = [
      'diff',
      '--no-index',
      '--no-color',
      existsSync(recorded) ? recorded : '/dev/null',
      join(folder, 'index.d.ts'),
    ];
    const { stdout } = spawnSync('git', args, { encoding: 'utf8' });
    const lines = (stdout ?? '')
      .split('\n')
      .filter((line) => !/^(diff|index|new file|---|\+\+\+) /.test(line));
    const more = lines.length - LINES_SHOWN;
    return [...lines.slice(0, LINES_SHOWN), ...(more > 0 ? [`… and ${more} lines more`] : [])].join('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
