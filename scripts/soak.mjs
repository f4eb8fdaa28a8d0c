import { ready } from './ready.mjs';
import { runNode } from './run.mjs';

// What takes too long for a test: a service under load, dumped again and again.
await ready();
process.exitCode = await runNode(['bench/ruby/soak.mjs', ...process.argv.slice(2)]);
