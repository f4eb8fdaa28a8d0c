import { mkdirSync, rmSync } from 'node:fs';
import { ready } from './ready.mjs';
import { commandFile, stampDir } from './root.mjs';
import { runNode } from './run.mjs';
import { ensureRuntimes } from './runtimes.mjs';
import { RESULT_FILE, readResult } from './test-result.mjs';

// `npm test [file…] [vitest options]`: packages and dist/ first, for the whole-package tests use both.
rmSync(RESULT_FILE, { force: true }); // first of all: whatever fails, no older result may stand for this run
await ready();
ensureRuntimes();
mkdirSync(stampDir, { recursive: true });

const reporters = ['--reporter=default', '--reporter=./scripts/test-result.mjs'];
const code = await runNode([commandFile('vitest'), 'run', ...reporters, ...process.argv.slice(2)]);
const result = readResult();
const ran = result === null ? 0 : result.passed + result.failed;
if (ran === 0) process.stderr.write('No test ran.\n');
process.exitCode = code === 0 && ran === 0 ? 1 : code;
