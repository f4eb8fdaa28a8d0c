import { ready } from './ready.mjs';
import { runNode } from './run.mjs';

await ready();
process.exitCode = await runNode(['dist/cli/main.js', 'demo', 'collabcanvas', ...process.argv.slice(2)]);
