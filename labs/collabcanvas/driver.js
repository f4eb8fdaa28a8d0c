import { pathToFileURL } from 'node:url';
import { churn } from './driver/churn.js';
import { runFromCommandLine } from './driver/command-line.js';
import { reproduceIncident } from './driver/incident.js';
import { connectSteadyUsers } from './driver/steady.js';

/**
 * @typedef {object} DriveOptions
 * @property {'steady' | 'churn' | 'incident'} [mode] `steady` when absent
 * @property {string} [url] of the service; not for `incident`, which runs in this process
 * @property {number} [clients] users at the same time; 10 when absent
 * @property {number} [ops] boards visited by all clients together; 100 when absent
 * @property {number} [opsPerSecond] for all clients together; 0, as fast as possible, when absent
 * @property {number} [seed] 1 when absent; the same seed makes the same counts
 * @property {boolean} [keepOpen] `steady` only: the users stay connected and `session` drives them on
 * @property {'leaking' | 'fixed'} [build] `incident` only: which build to test
 *
 * @typedef {object} SteadySession
 * @property {(more: { ops: number, opsPerSecond?: number }) => Promise<import('./driver/counts.js').Counts>} drive
 *   one more round on the same connections; the counts are those of all rounds so far
 * @property {() => Promise<void>} close ends the connections and waits until the server has noticed
 */

/**
 * Puts load on the service and resolves when the service has handled all of it.
 *
 * @param {DriveOptions} options
 * @returns {Promise<import('./driver/counts.js').Counts & { session?: SteadySession }>} for `incident`, what
 *   `reproduceIncident` returns
 * @example
 * const { session, ...first } = await drive({ url, clients: 20, ops: 4_000, keepOpen: true });
 * const second = await session.drive({ ops: 4_000 });
 * await session.close();
 */
export async function drive({
  mode = 'steady',
  url,
  clients = 10,
  ops = 100,
  opsPerSecond = 0,
  seed = 1,
  keepOpen = false,
  build = 'leaking',
}) {
  if (mode !== 'incident' && !url) throw new TypeError(`The mode ${mode} needs the url of the service`);
  switch (mode) {
    case 'steady':
      return driveSteadily({ url, clients, ops, opsPerSecond, seed, keepOpen });
    case 'churn':
      return { ...(await churn({ url, clients, ops, opsPerSecond, seed })) };
    case 'incident':
      return reproduceIncident({ build, users: ops });
    default:
      throw new TypeError(`The mode must be steady, churn or incident, not ${mode}`);
  }
}

async function driveSteadily({ url, clients, ops, opsPerSecond, seed, keepOpen }) {
  const users = await connectSteadyUsers({ url, clients, seed });
  const session = {
    async drive({ ops, opsPerSecond = 0 }) {
      await users.drive({ ops, opsPerSecond });
      return { ...users.counts };
    },
    close: users.close,
  };
  const counts = await session.drive({ ops, opsPerSecond });
  if (keepOpen) return { ...counts, session };
  await session.close();
  return { ...users.counts };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runFromCommandLine(drive, process.argv.slice(2));
}
