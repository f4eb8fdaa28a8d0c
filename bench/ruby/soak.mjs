/**
 * A busy Puma worker of the TaskForge lab, dumped again and again while it serves (`npm run soak`):
 *
 *   node bench/ruby/soak.mjs [--dumps 20]
 *
 * Prints for each dump what it cost, and at the end: requests served and failed, references that lead nowhere, the longest stall.
 * Fails when a request failed or a dump is torn.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { captureRubyDump, openFile, readRubyDump } from '../../dist/index.js';
import { drive } from '../../labs/taskforge/driver.js';
import { missingRuntime } from '../../labs/taskforge/missing-runtime.js';
import { startBuild } from '../../labs/taskforge/start-build.js';
import { root } from '../../scripts/root.mjs';

const { values: options } = parseArgs({ options: { dumps: { type: 'string', default: '20' } } });
const OPS_IN_ROUND = 50;
/** Busy, and yet the leak stays small beside what is measured. */
const OPS_PER_SECOND = 25;
const missing = missingRuntime();
if (missing) {
  process.stderr.write(`not run: ${missing.message}; ${missing.hint}\n`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'stanch-soak-'));
const server = await startBuild('leaking', {
  agent: join(root, 'agents', 'ruby', 'lib', 'stanch_agent.rb'),
  env: { STANCH_DIR: folder, STANCH_COOL_DOWN: '0', STANCH_KEEP: '0' },
});
const tally = { requests: 0, failed: 0, dangling: 0, longestRequestMs: 0, longestStallMs: 0 };
let isOver = false;
try {
  const { session } = await drive({ url: server.url, ops: OPS_IN_ROUND, keepOpen: true });
  const load = (async () => {
    while (!isOver) {
      const began = performance.now();
      try {
        tally.requests = (await session.drive({ ops: OPS_IN_ROUND, opsPerSecond: OPS_PER_SECOND })).requests;
      } catch (error) {
        tally.failed++;
        process.stderr.write(`request failed: ${error.message}\n`);
      }
      tally.longestRequestMs = Math.max(tally.longestRequestMs, (performance.now() - began) / OPS_IN_ROUND);
    }
  })();
  const pid = server.workers()[0];
  for (let nth = 1; nth <= Number(options.dumps); nth++) {
    const file = await captureRubyDump({ pid, folder });
    const names = openFile(file.replace(/\.json$/, '.names.jsonl'));
    const graph = await readRubyDump(openFile(file), { names });
    const torn = graph.warnings.filter((warning) => /nowhere|torn|malformed/.test(warning));
    tally.dangling += torn.length;
    const log =
      server
        .standardError()
        .match(/\[HEAP_DUMP\][^\n]*longest_stall_ms=[^\n]*/g)
        ?.at(-1) ?? '';
    const stall = Number(/longest_stall_ms=([\d.]+)/.exec(log)?.[1] ?? 0);
    tally.longestStallMs = Math.max(tally.longestStallMs, stall);
    process.stdout.write(
      `dump ${nth}: ${graph.nodeCount} objects, longest stall ${stall} ms${torn.length ? `, ${torn.join('; ')}` : ''}\n`,
    );
    rmSync(file);
    rmSync(file.replace(/\.json$/, '.names.jsonl'));
  }
  isOver = true;
  await load;
  await session.close();
} finally {
  isOver = true;
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${JSON.stringify(tally)}\n`);
if (tally.failed > 0 || tally.dangling > 0) process.exitCode = 1;
