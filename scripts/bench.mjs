import { ready } from './ready.mjs';
import { runNode } from './run.mjs';

await ready();
process.exitCode = await runNode(['bench/run.mjs', ...process.argv.slice(2)]);
