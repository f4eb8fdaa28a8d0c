import { pathToFileURL } from 'node:url';
import { createPace } from '../driving/pace.js';
import { runFromCommandLine } from './driver/command-line.js';
import { CountsByWorker } from './driver/counts.js';
import { HttpClient } from './driver/http-client.js';
import { operationAt } from './driver/operation.js';

const DEFAULT_OPS = 400;

/**
 * @typedef {object} DriveOptions
 * @property {string} url of the service
 * @property {number} [clients] requests at the same time; 6 when absent
 * @property {number} [ops] requests of all clients together; 400 when absent
 * @property {number} [opsPerSecond] for all clients together; 0, as fast as possible, when absent
 * @property {number} [seed] 1 when absent; the same seed sends the same requests
 * @property {boolean} [keepOpen] the connections stay open and `session` drives them on
 *
 * @typedef {import('./driver/counts.js').Counts & { byWorker: Record<string, import('./driver/counts.js').Counts> }} DriverCounts
 *   `byWorker` is by process id. Which worker serves what is for the kernel to say, so only the sums repeat with the seed.
 *
 * @typedef {object} DriverSession
 * @property {(round?: { ops?: number, opsPerSecond?: number }) => Promise<DriverCounts>} drive one more round, which
 *   goes on where the last one ended; the counts are those of all rounds so far
 * @property {() => Promise<void>} close ends the connections
 */

/**
 * Puts load on the service and resolves when the service has handled all of it.
 *
 * @param {DriveOptions} options
 * @returns {Promise<DriverCounts & { session?: DriverSession }>}
 * @throws Error when the service refuses a request or ends
 * @example
 * const { session, ...first } = await drive({ url, ops: 400, keepOpen: true });
 * const second = await session.drive({ ops: 400 });
 * await session.close();
 */
export async function drive({
  url,
  clients = 6,
  ops = DEFAULT_OPS,
  opsPerSecond = 0,
  seed = 1,
  keepOpen = false,
}) {
  if (!url) throw new TypeError('The driver needs the url of the service');
  const client = new HttpClient(url, clients);
  const counts = new CountsByWorker();
  let nextOperation = 0;

  const round = async ({ ops = DEFAULT_OPS, opsPerSecond = 0 } = {}) => {
    const end = nextOperation + ops;
    const pace = createPace(opsPerSecond);
    await Promise.all(
      Array.from({ length: clients }, async () => {
        while (nextOperation < end) {
          const operation = operationAt(nextOperation++, seed);
          await pace();
          const { workerPid, body } = await client.send(operation);
          const { kind } = operation;
          const { recipient_ids: recipients, assignee_id: assignee } = operation.body ?? {};
          counts.add(workerPid, {
            kind,
            told: body.notified?.length ?? 0,
            users: recipients ?? (assignee ? [assignee] : []),
          });
        }
      }),
    );
    return counts.read();
  };
  const session = { drive: round, close: async () => client.close() };

  try {
    const first = await round({ ops, opsPerSecond });
    if (keepOpen) return { ...first, session };
    client.close();
    return first;
  } catch (error) {
    client.close();
    throw error;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runFromCommandLine(drive, process.argv.slice(2));
}
