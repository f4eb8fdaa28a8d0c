import { ready } from './ready.mjs';
import { runNode } from './run.mjs';

// What takes too long for a test: a service under load, dumped again and again; `npm run soak verify`: fixes of four services, proven again and again.
await ready();
const [which, ...rest] = process.argv.slice(2);
process.exitCode = await runNode(
  which === 'verify' ? ['bench/verify/labs.mjs', ...rest] : ['bench/ruby/soak.mjs', ...process.argv.slice(2)],
);
