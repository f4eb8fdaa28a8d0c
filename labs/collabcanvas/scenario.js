import { fileURLToPath } from 'node:url';
import { drive } from './driver.js';
import { startBuild } from './start-build.js';

/**
 * For `stanch run labs/collabcanvas/scenario.js`: users who stay connected join one board after another. `STANCH_LAB_BUILD=fixed`
 * runs the repaired build.
 */
export const name = 'join';
export const ops = 200;
export const source = fileURLToPath(new URL('.', import.meta.url));

let session;
let before = 0;

export async function start() {
  const build = process.env.STANCH_LAB_BUILD ?? 'leaking';
  const { url, pid, stop } = await startBuild(build, { nodeArgs: ['--inspect=127.0.0.1:0'] });
  return { url, target: pid, stop };
}

export async function round(operations, { service }) {
  const counts = session
    ? await session.drive({ ops: operations })
    : await drive({ url: service.url, clients: 20, ops: operations, keepOpen: true });
  session ??= counts.session;
  const joins = counts.joins - before;
  before = counts.joins;
  return { join: joins };
}

export async function teardown() {
  await session?.close();
  session = undefined;
  before = 0;
}
