import { ready } from './ready.mjs';
import { commandFile } from './root.mjs';
import { runNode } from './run.mjs';

// Mends what can be mended without a person: format, safe lint fixes, a lockfile that lacks packages for other
// systems, and the record of the public API.
await ready({ build: false });
const lint = await runNode([commandFile('@biomejs/biome', 'biome'), 'check', '--write', '.']);
const lockfile = await runNode(['scripts/lockfile.mjs', '--update']);
const api = await runNode(['scripts/api.mjs', '--update']);
process.exitCode = lint || lockfile || api;
