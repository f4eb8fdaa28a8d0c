import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { drive } from './driver.js';
import { startBuild } from './start-build.js';

const AGENT = fileURLToPath(new URL('../../agents/python/stanch_agent.py', import.meta.url));

/**
 * For `stanch run labs/lafactoria/scenario.js`: teachers visit; every fourth visit also exports a file and asks for a history.
 * `STANCH_LAB_BUILD=fixed` runs the repaired build, `STANCH_LAB_CAUSES` leaves only these leaks in.
 */
export const name = 'visit';
export const ops = 200;
export const source = fileURLToPath(new URL('.', import.meta.url));

let session;
let before = {};

export async function start() {
  const token = randomBytes(16).toString('hex');
  const causes = process.env.STANCH_LAB_CAUSES?.split(',') ?? [];
  const { url, stop } = await startBuild(process.env.STANCH_LAB_BUILD ?? 'leaking', {
    agent: AGENT,
    token,
    causes,
  });
  return { url, target: url, token, stop };
}

export async function round(operations, { service }) {
  const counts = session
    ? await session.drive({ ops: operations })
    : await drive({ url: service.url, ops: operations, keepOpen: true });
  session ??= counts.session;
  const done = (count) => counts[count] - (before[count] ?? 0);
  const result = { visit: done('visits'), export: done('exports'), history: done('histories') };
  before = counts;
  return result;
}

export async function teardown() {
  await session?.close();
  session = undefined;
  before = {};
}
