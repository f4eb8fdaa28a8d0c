import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createPace } from '../driving/pace.js';
import { Client } from './driver/client.js';
import { createCounts } from './driver/counts.js';
import { Visitor } from './driver/visitor.js';

/** Longer than a repaired delivery waits: a round has ended when nothing of it is under way. */
const SETTLE_MS = 150;

/**
 * @typedef {object} DriveOptions
 * @property {string} url of the service
 * @property {number} [clients] users at the same time; 10 when absent
 * @property {number} [ops] visits of all clients together; 100 when absent
 * @property {number} [opsPerSecond] for all clients together; 0, as fast as possible, when absent
 * @property {number} [seed] 1 when absent; the same seed makes the same visits
 * @property {boolean} [keepOpen] the connections stay open and `session` drives them on
 *
 * @typedef {object} Session
 * @property {(more: { ops: number, opsPerSecond?: number }) => Promise<import('./driver/counts.js').Counts>} drive
 *   one more round; the counts are those of all rounds so far
 * @property {() => Promise<void>} close
 */

/**
 * Puts load on the service and resolves when the service has handled all of it.
 *
 * @param {DriveOptions} options
 * @returns {Promise<import('./driver/counts.js').Counts & { session?: Session }>}
 * @example
 * const { session, ...first } = await drive({ url, clients: 10, ops: 400, keepOpen: true });
 * const second = await session.drive({ ops: 400 });
 * await session.close();
 */
export async function drive({ url, clients = 10, ops = 100, opsPerSecond = 0, seed = 1, keepOpen = false }) {
  const counts = createCounts();
  const users = Array.from({ length: clients }, (_, number) => ({
    client: new Client(url),
    visitor: new Visitor(number, seed, counts),
  }));
  const session = {
    async drive({ ops, opsPerSecond = 0 }) {
      const pace = createPace(opsPerSecond);
      await Promise.all(
        users.map(async ({ client, visitor }, number) => {
          for (let op = number; op < ops; op += clients) {
            await pace();
            await visitor.visit(client);
          }
        }),
      );
      await sleep(SETTLE_MS);
      return { ...counts };
    },
    async close() {
      for (const { client } of users) client.close();
    },
  };
  try {
    await session.drive({ ops, opsPerSecond });
  } catch (error) {
    await session.close();
    throw error;
  }
  if (keepOpen) return { ...counts, session };
  await session.close();
  return { ...counts };
}

/** One JSON line for each round, with a pause of `--hold-seconds` after each: the time for a dump. */
async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string' },
      clients: { type: 'string', default: '10' },
      ops: { type: 'string', default: '100' },
      'ops-per-second': { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '1' },
      'hold-seconds': { type: 'string', default: '0' },
    },
  });
  if (!values.url) throw new TypeError('--url of the service is needed');
  const round = { ops: Number(values.ops), opsPerSecond: Number(values['ops-per-second']) };
  const { session, ...counts } = await drive({
    ...round,
    url: values.url,
    clients: Number(values.clients),
    seed: Number(values.seed),
    keepOpen: true,
  });
  const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
  print(counts);
  for (let number = 1; number < Number(values.rounds); number++) {
    await sleep(Number(values['hold-seconds']) * 1000);
    print(await session.drive(round));
  }
  await sleep(Number(values['hold-seconds']) * 1000);
  await session.close();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
