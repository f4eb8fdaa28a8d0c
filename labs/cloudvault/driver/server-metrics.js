import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_EVERY_MS = 20;
const MAX_POLLS = 1_500;

/**
 * @param {string} debugUrl
 * @returns {Promise<Record<string, number>>} by series name; those with labels are left out
 */
export async function readMetrics(debugUrl) {
  const response = await new Promise((resolve, reject) => {
    get(new URL('/metrics', debugUrl), { agent: false }, resolve).on('error', reject);
  });
  const samples = [...(await text(response)).matchAll(/^(\w+) (\S+)$/gm)];
  return Object.fromEntries(samples.map(([, name, value]) => [name, Number(value)]));
}

/**
 * The service notices later than its clients that something has ended; this waits for it.
 *
 * @param {string} debugUrl
 * @param {Record<string, number>} wanted gauges and their values
 */
export async function waitForMetrics(debugUrl, wanted) {
  let goroutinesBefore = -1;
  let missing = [];
  for (let poll = 0; poll < MAX_POLLS; poll++) {
    const metrics = await readMetrics(debugUrl);
    missing = Object.entries(wanted).filter(([name, value]) => metrics[name] !== value);
    // A goroutine that has been told to end needs a moment to do so.
    const isSettled = metrics.go_goroutines === goroutinesBefore;
    if (missing.length === 0 && isSettled) return;
    goroutinesBefore = metrics.go_goroutines;
    await sleep(POLL_EVERY_MS);
  }
  const list = missing.map(([name, value]) => `${name} ${value}`).join(', ');
  throw new Error(`The service has not come to ${list || 'a steady number of goroutines'}`);
}
