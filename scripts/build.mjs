import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from './fingerprint.mjs';
import { writeNotices } from './notices.mjs';
import { commandFile, root, stampDir } from './root.mjs';

const STAMP = join(stampDir, 'build.json');
const SOURCES = [
  'src',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsdown.config.ts',
  'scripts/notices.mjs',
];

/** What dist/ is made from. Tests and READMEs are not. */
const sourcesNow = () => fingerprint(root, SOURCES, (path) => !/\.(test\.ts|md)$/.test(path));
const outputNow = () => fingerprint(root, ['dist']);

/** Whether dist/ is whole, unaltered, and made from the sources as they are now: by content, never by time. */
function isBuilt() {
  if (!existsSync(STAMP)) return false;
  const stamp = JSON.parse(readFileSync(STAMP, 'utf8'));
  return stamp.sources === sourcesNow() && stamp.output === outputNow();
}

/** Builds dist/ if it is not exactly what the sources give. A build that fails leaves the old one where it was, unused. */
export function ensureBuilt() {
  if (isBuilt()) return;
  process.stderr.write('Building dist/ …\n');
  const sources = sourcesNow(); // before the build: a file that changes meanwhile makes the next run build again
  const next = join(stampDir, `dist-${process.pid}`);
  const last = join(stampDir, `dist-${process.pid}-last`);
  mkdirSync(stampDir, { recursive: true });
  try {
    const args = [commandFile('tsdown'), '--out-dir', next, '--logLevel', 'warn'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    const failed = status !== 0 || !existsSync(join(next, 'cli', 'main.js'));
    if (failed) throw new Error(`the build failed:\n${stdout}${stderr}`);
    writeNotices(next);
    if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), last);
    renameSync(next, join(root, 'dist'));
    writeFileSync(STAMP, JSON.stringify({ sources, output: outputNow() }));
  } finally {
    for (const folder of [next, last]) rmSync(folder, { recursive: true, force: true });
  }
}
