import { setTimeout as sleep } from 'node:timers/promises';

const POLL_EVERY_MS = 10;
const MAX_POLLS = 500;

/**
 * @param {string} url of the service
 * @param {string} series name with labels, as in `nodejs_eventloop_listeners_count{event="heartbeat"}`
 * @returns {Promise<number>}
 */
export async function readMetric(url, series) {
  const response = await fetch(new URL('/metrics', url));
  const text = await response.text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  if (!line) throw new Error(`The service has no series ${series}`);
  return Number(line.slice(series.length + 1));
}

/**
 * A client sees its connection closed before the server does; this waits for the server.
 *
 * @param {string} url
 * @param {number} disconnects in all since the server started
 */
export async function waitForDisconnects(url, disconnects) {
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    if ((await readMetric(url, 'websocket_disconnect_total')) >= disconnects) return;
    await sleep(POLL_EVERY_MS);
  }
  throw new Error(`The service has not noticed ${disconnects} disconnects`);
}
