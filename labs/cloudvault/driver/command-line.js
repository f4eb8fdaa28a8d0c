import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/**
 * Prints one JSON line for each round, and one when the load has gone. After each line it waits for `--hold-seconds`,
 * which is the time to take captures.
 *
 * @param {typeof import('../driver.js').drive} drive
 * @param {string[]} args
 */
export async function runFromCommandLine(drive, args) {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string' },
      'debug-url': { type: 'string' },
      mode: { type: 'string', default: 'incident' },
      clients: { type: 'string', default: '8' },
      'open-watchers': { type: 'string', default: '8' },
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '1' },
      'hold-seconds': { type: 'string', default: '0' },
    },
  });
  const { mode } = values;
  const minutes = Number(values.minutes);
  const holdMs = Number(values['hold-seconds']) * 1_000;

  const { session, ...counts } = await drive({
    mode,
    url: values.url,
    debugUrl: values['debug-url'],
    clients: Number(values.clients),
    openWatchers: Number(values['open-watchers']),
    minutes,
    seed: Number(values.seed),
    keepOpen: true,
  });
  print({ mode, ...counts });
  for (let round = 1; round < Number(values.rounds); round++) {
    await sleep(holdMs);
    print({ mode, ...(await session.drive({ minutes })) });
  }
  await sleep(holdMs);
  print({ mode, quiet: true, ...(await session.quiesce()) });
  await sleep(holdMs);
}

function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
