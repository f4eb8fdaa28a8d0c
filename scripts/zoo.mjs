import { ready } from './ready.mjs';
import { runNode } from './run.mjs';

const cases = process.argv.length > 2 ? process.argv.slice(2) : ['--all'];

await ready();
process.exitCode =
  (await runNode(['fixtures/node-zoo/capture.mjs', ...cases])) ||
  (await runNode(['fixtures/node-zoo/judge.mjs', ...cases]));
