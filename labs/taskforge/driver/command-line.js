import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/**
 * Prints one JSON line for each round, and holds for `--hold-seconds` after it: the time to take a heap dump.
 *
 * @param {typeof import('../driver.js').drive} drive
 * @param {string[]} args
 */
export async function runFromCommandLine(drive, args) {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string' },
      clients: { type: 'string', default: '6' },
      ops: { type: 'string', default: '400' },
      'ops-per-second': { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '1' },
      'hold-seconds': { type: 'string', default: '0' },
    },
  });
  const ops = Number(values.ops);
  const opsPerSecond = Number(values['ops-per-second']);
  const holdMs = Number(values['hold-seconds']) * 1_000;

  const { session, ...counts } = await drive({
    url: values.url,
    clients: Number(values.clients),
    ops,
    opsPerSecond,
    seed: Number(values.seed),
    keepOpen: true,
  });
  print(counts);
  for (let round = 1; round < Number(values.rounds); round++) {
    await sleep(holdMs);
    print(await session.drive({ ops, opsPerSecond }));
  }
  await sleep(holdMs);
  await session.close();
}

function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
