import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drive } from './driver.js';
import { startBuild } from './start-build.js';

const AGENT = fileURLToPath(new URL('../../agents/ruby/lib/stanch_agent.rb', import.meta.url));
const COUNTED = {
  request: 'requests',
  'user notified for the first time': 'usersNotified',
  'task created': 'tasks',
  search: 'searches',
};

/**
 * For `stanch run labs/taskforge/scenario.js`: requests of all kinds against one Puma worker, which is the one that is measured.
 * `STANCH_LAB_BUILD=fixed` runs the repaired build.
 */
export const name = 'request';
export const ops = 200;
export const source = fileURLToPath(new URL('.', import.meta.url));

let session;
let before = {};

export async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'taskforge-agent-'));
  const build = await startBuild(process.env.STANCH_LAB_BUILD ?? 'leaking', {
    workers: 1,
    agent: AGENT,
    env: { STANCH_DIR: folder, STANCH_COOL_DOWN: '0', STANCH_KEEP: '0' },
  });
  const stop = async () => {
    await build.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: build.url, target: build.workers()[0], stop };
}

export async function round(operations, { service }) {
  const counts = session
    ? await session.drive({ ops: operations })
    : await drive({ url: service.url, ops: operations, keepOpen: true });
  session ??= counts.session;
  const done = Object.entries(COUNTED).map(([what, count]) => [what, counts[count] - (before[count] ?? 0)]);
  before = counts;
  return Object.fromEntries(done);
}

export async function teardown() {
  await session?.close();
  session = undefined;
  before = {};
}
