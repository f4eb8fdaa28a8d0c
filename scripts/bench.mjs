import { ready } from './ready.mjs';
import { runNode } from './run.mjs';

// `npm run bench series`: only the scoreboard of `stanch confirm`, a minute. Else that first, and then the race on snapshots.
await ready();
const args = process.argv.slice(2);
const seriesOnly = args[0] === 'series';
for (const generator of ['drawn', 'simulated']) {
  process.exitCode ||= await runNode(
    ['bench/series/score.mjs', '--generator', generator, ...args.slice(1)].slice(
      0,
      seriesOnly ? undefined : 3,
    ),
  );
}
process.exitCode ||= await runNode(['bench/series/many.mjs', '--series', '1000']);
if (!seriesOnly) process.exitCode ||= await runNode(['bench/run.mjs', ...args]);
