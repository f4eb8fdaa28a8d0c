import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/**
 * Prints one JSON line for each round. A steady run stays connected for `--hold-seconds` after each line, which is the
 * time to take a heap snapshot of the service.
 *
 * @param {typeof import('../driver.js').drive} drive
 * @param {string[]} args
 */
export async function runFromCommandLine(drive, args) {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string' },
      mode: { type: 'string', default: 'steady' },
      build: { type: 'string', default: 'leaking' },
      clients: { type: 'string', default: '10' },
      ops: { type: 'string', default: '100' },
      'ops-per-second': { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '1' },
      'hold-seconds': { type: 'string', default: '0' },
    },
  });
  const { mode, url, build } = values;
  const ops = Number(values.ops);
  const opsPerSecond = Number(values['ops-per-second']);
  const holdMs = Number(values['hold-seconds']) * 1_000;

  const { session, ...counts } = await drive({
    mode,
    url,
    build,
    clients: Number(values.clients),
    ops,
    opsPerSecond,
    seed: Number(values.seed),
    keepOpen: true,
  });
  print({ mode, ...counts });
  if (!session) return;

  for (let round = 1; round < Number(values.rounds); round++) {
    await sleep(holdMs);
    print({ mode, ...(await session.drive({ ops, opsPerSecond })) });
  }
  await sleep(holdMs);
  await session.close();
}

function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
