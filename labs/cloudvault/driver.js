import { pathToFileURL } from 'node:url';
import { runFromCommandLine } from './driver/command-line.js';
import { Session } from './driver/session.js';

/**
 * @typedef {object} DriveOptions
 * @property {'incident' | 'growing'} [mode] `incident` when absent: the mix of the report, with a constant number of
 *   connections. `growing`: the same, and each minute more connections that stay open; a healthy service under rising
 *   load.
 * @property {string} url of the service, for clients
 * @property {string} debugUrl of the service, for operators
 * @property {number} [minutes] of the incident, driven as fast as the service answers; 1 when absent
 * @property {number} [clients] devices that work at the same time; 8 when absent
 * @property {number} [openWatchers] watch connections that stay open; 8 when absent
 * @property {number} [seed] 1 when absent; the same seed makes the same operations
 * @property {boolean} [keepOpen] the clients stay connected and `session` drives them on
 *
 * @typedef {object} DriveSession
 * @property {(round: { minutes: number }) => Promise<import('./driver/counts.js').Counts>} drive
 *   one more round; the counts are those of all rounds so far
 * @property {() => Promise<import('./driver/counts.js').Counts>} quiesce ends all connections and waits until the
 *   service has noticed and abandoned uploads have expired; `drive` connects again
 * @property {() => Promise<void>} close the same, for good
 */

/**
 * Puts load on the service and resolves when the service has handled all of it.
 *
 * @param {DriveOptions} options
 * @returns {Promise<import('./driver/counts.js').Counts & { session?: DriveSession }>}
 * @example
 * const { session, ...first } = await drive({ url, debugUrl, minutes: 5, keepOpen: true });
 * const second = await session.drive({ minutes: 10 });
 * await session.quiesce();
 */
export async function drive({
  mode = 'incident',
  url,
  debugUrl,
  minutes = 1,
  clients = 8,
  openWatchers = 8,
  seed = 1,
  keepOpen = false,
}) {
  if (!url || !debugUrl) throw new TypeError('The driver needs the url and the debugUrl of the service');
  if (mode !== 'incident' && mode !== 'growing') {
    throw new TypeError(`The mode must be incident or growing, not ${mode}`);
  }
  const clientsOfService = new Session({
    url,
    debugUrl,
    clients,
    openWatchers,
    isGrowing: mode === 'growing',
    seed,
  });
  await clientsOfService.setPlans();
  const session = {
    drive: (round) => clientsOfService.drive(round),
    async quiesce() {
      await clientsOfService.quiesce();
      return { ...clientsOfService.counts };
    },
    close: () => clientsOfService.quiesce(),
  };
  const counts = await session.drive({ minutes });
  if (keepOpen) return { ...counts, session };
  await session.close();
  return counts;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runFromCommandLine(drive, process.argv.slice(2));
}
