/**
 * `stanch verify` on real services under load of which the truth is known (`npm run soak verify`):
 *
 *   node bench/verify/labs.mjs [--repetitions 20] [--labs collabcanvas,cloudvault,taskforge,lafactoria] [--rounds 30] [--seed 1]
 *
 * For each repetition the leaking build runs before the fix, and the fixed, a half repaired and the leaking build after it, each as a process of its
 * own with load by a seed of its own; the leaking one is then what was before in the next repetition. Live memory is read after a collection at the
 * end of each round. Fails when anything wrong was said.
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundled } from '../bundled.mjs';
import { SERVICES } from './services.mjs';

const { values: options } = parseArgs({
  options: {
    repetitions: { type: 'string', default: '20' },
    labs: { type: 'string', default: Object.keys(SERVICES).join(',') },
    rounds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
  },
});
const rounds = Number(options.rounds);
/** A round here is what happens in minutes elsewhere. */
const leastHours = 5 / 3600;
const WARM_UP = 5;
/** The first round is longer: a service that has been up for a while is compared, not one that still compiles its code. */
const FIRST = 15;
/** Time for the machine to do something else. */
const SETTLE_MS = 100;
/** What is alive after a collection; the first that there is. CPython counts blocks, all others bytes. */
const MEMORY = ['heap_used_bytes', 'go_heap_alloc_bytes', 'live_memory_bytes', 'live_blocks'];
const BUILDS = ['fixed', 'half', 'leaking'];
const RIGHT = { fixed: 'fixed', leaking: 'still-leaking', half: 'still-leaking', moment: 'not-enough-data' };

const { runScenario, seriesFrom, verifySeries } = await bundled('verify');
const results = new URL('../../.bench/verify/', import.meta.url).pathname;
mkdirSync(results, { recursive: true });

/** What was started ends with us. */
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopped.abort());

/** One process under load, from its start to its end. */
async function watch(service, build, seed) {
  const folder = mkdtempSync(join(tmpdir(), 'stanch-verify-'));
  let session;
  let counts;
  const scenario = {
    name: 'operation',
    start: () => service.start(build, folder),
    async round(ops, { service: started }) {
      const was = counts === undefined ? 0 : service.done(counts);
      if (session) counts = await session.drive({ ops });
      else ({ session, ...counts } = await service.session(started, seed, FIRST * ops));
      return { operation: service.done(counts) - was };
    },
    teardown: () => session?.close(),
  };
  try {
    const ran = await runScenario(scenario, {
      name: build,
      ops: service.opsInRound,
      rounds,
      warmUp: WARM_UP,
      captures: 0,
      settleMs: SETTLE_MS,
      folder,
      signal: stopped.signal,
    });
    return sideOf(ran.rounds, build);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sideOf(rows, source) {
  const name = MEMORY.find((each) => rows[0].counts[each] !== undefined) ?? 'process_resident_memory_bytes';
  const unit = name.endsWith('_bytes') ? 'bytes' : 'count';
  let atMs = Date.UTC(2024, 0, 1);
  let operations = 0;
  const table = rows.map(({ elapsedMs, operations: done, counts }) => {
    atMs += elapsedMs;
    operations += done.operation ?? 0;
    return [atMs, counts[name], operations];
  });
  const column = (at) => table.map((row) => row[at]);
  const about = (metric, of, kind) => ({ name: metric, labels: {}, unit: of, kind, source });
  return {
    // Not by the name of a heap, of which confirm would look for the floor behind collections: this is that floor.
    memory: seriesFrom(about('live_memory', unit, 'gauge'), column(0), column(1)),
    others: [seriesFrom(about('requests_total', 'count', 'counter'), column(0), column(2))],
  };
}

/** Growth for each operation from the end of the warm-up to the last look: what the truth is taken from. */
function perOperation({ memory, others }) {
  const [from, to] = [WARM_UP, memory.values.length - 1];
  const done = others[0].values;
  return (memory.values[to] - memory.values[from]) / (done[to] - done[from]);
}

const moment = ({ memory, others }) => ({
  others,
  memory: seriesFrom(memory, memory.times.slice(-4), memory.values.slice(-4)),
});

let wrong = 0;
for (const lab of options.labs.split(',')) {
  const service = SERVICES[lab];
  const missing = service.missing();
  if (missing) {
    process.stdout.write(`${lab}: not run, ${missing.message}\n`);
    continue;
  }
  const verdicts = { fixed: {}, leaking: {}, half: {}, moment: {} };
  const holds = { half: 0, leaking: 0 };
  const shares = [];
  const count = (what, verdict) => {
    verdicts[what][verdict] = (verdicts[what][verdict] ?? 0) + 1;
    if (verdict !== RIGHT[what] && verdict !== 'not-enough-data') wrong++;
  };
  let before = await watch(service, 'leaking', Number(options.seed));
  for (let run = 0; run < Number(options.repetitions); run++) {
    const seed = Number(options.seed) + 10 * (run + 1);
    let again = before;
    for (const [nth, build] of BUILDS.entries()) {
      const after = await watch(service, build, seed + nth);
      const verification = verifySeries(before, after, { leastHours });
      count(build, verification.verdict);
      const share = perOperation(after) / perOperation(before);
      if (build === 'half') shares.push(share);
      const { remaining } = verification;
      if (build !== 'fixed' && remaining && remaining.low <= share && share <= remaining.high) holds[build]++;
      if (build === 'leaking') {
        count('moment', verifySeries(before, moment(after), { leastHours }).verdict);
        again = after;
      }
      const line = { lab, run, build, share, verification, before: plain(before), after: plain(after) };
      appendFileSync(join(results, 'labs.jsonl'), `${JSON.stringify(line)}\n`);
    }
    before = again;
  }
  const left = shares.toSorted((a, b) => a - b)[shares.length >> 1];
  process.stdout.write(
    `${lab}: ${JSON.stringify(verdicts)}, half repaired leaves ${Math.round(100 * left)} %, intervals that hold what was left: ${JSON.stringify(holds)}\n`,
  );
}
if (wrong > 0) {
  process.stdout.write(`${wrong} wrong\n`);
  process.exitCode = 1;
}

function plain({ memory, others }) {
  return {
    name: memory.name,
    times: [...memory.times],
    values: [...memory.values],
    done: [...others[0].values],
  };
}
