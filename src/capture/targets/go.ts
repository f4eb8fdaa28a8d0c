import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { formatBytes, formatCount } from '../../base/units.ts';
import { listenersOf } from '../../sources/processes/listening-ports.ts';
import { memoryRoom } from '../../sources/processes/memory-limit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { CaptureError } from '../capture-error.ts';
import type { EvidenceFile } from '../probes/evidence-file.ts';
import { download, headOf } from '../probes/http-evidence.ts';
import { type Reach, reachInto } from '../probes/reach.ts';
import { CoolDown } from './cool-down.ts';
import { addressIdentity, processIdentity } from './identity.ts';
import { type Check, diskCheck, memoryCheck, pauseCheck } from './pre-flight.ts';
import { labelOf } from './series.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

// Measured with 100,000 goroutines on Go 1.19 to 1.27: counts 4 to 6 ms, heap with a collection 18 ms, all stacks 210 to 294 ms.
const STACKS_PAUSE_MS_PER_GOROUTINE = 3 / 1000;
const COUNTS_PAUSE_MS = 20;
const STACK_BYTES = 310;
const ASK_GOROUTINES = 20_000;
/** The runtime cuts the text of all stacks there, in the middle of a line. */
const STACKS_CUT_BYTES = 64 * 1024 * 1024;
const HEAP_BYTES = 1e6;

interface Probe {
  readonly kind: string;
  readonly name: string;
  readonly query: string;
}

/** In this order: what is light first, what stops the world later. A heap dump of the runtime (`WriteHeapDump`) is never among them. */
const COUNTS: Probe = { kind: 'goroutines', name: 'goroutine-debug1.txt', query: 'goroutine?debug=1' };
const STACKS: Probe = { kind: 'goroutines', name: 'goroutine-debug2.txt', query: 'goroutine?debug=2' };
const HEAP: readonly Probe[] = [
  { kind: 'heap', name: 'heap.pb.gz', query: 'heap?gc=1' },
  { kind: 'heap', name: 'heap-debug1.txt', query: 'heap?debug=1' },
];
/**
 * What the runtime itself proves to be stuck (Go 1.27; 1.26 with the experiment; not there before). Its marks stay in later dumps, so that it comes
 * last and only once in a series; after it a heap dump of the runtime would abort the process.
 */
const LEAKS: Probe = { kind: 'goroutines', name: 'goroutineleak.pb.gz', query: 'goroutineleak' };
const ALLOCS: Probe = { kind: 'profile', name: 'allocs.pb.gz', query: 'allocs' };

/** The base of a pprof handler; null when none is there. `http://host:6060` and `http://host:6060/debug/pprof/` mean the same. */
export async function pprofBase(
  address: string,
  signal: AbortSignal,
): Promise<{ base: URL; goroutines: number } | null> {
  const given = new URL(address);
  given.search = given.hash = '';
  if (!given.pathname.endsWith('/')) given.pathname += '/';
  const candidates =
    given.pathname === '/' ? [new URL('debug/pprof/', given)] : [given, new URL('debug/pprof/', given)];
  for (const base of candidates) {
    const count = await goroutineCount(base, signal);
    if (count !== null) return { base, goroutines: count };
  }
  return null;
}

async function goroutineCount(base: URL, signal: AbortSignal): Promise<number | null> {
  const head = await headOf(new URL('goroutine?debug=1', base), signal, 100);
  const total = /^goroutine profile: total (\d+)/.exec(head ?? '')?.[1];
  return total === undefined ? null : Number(total);
}

/** Finds the pprof handler of a process of this machine by asking the ports that it listens on. */
export async function prepareGoProcess(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  const target = `process ${facts.pid}`;
  const hint =
    'add `import _ "net/http/pprof"` and `go http.ListenAndServe("127.0.0.1:6060", nil)`, or give the handler\'s address';
  const reach = reachInto(facts.pid);
  if (reach === null) {
    throw new CaptureError(target, 'find', 'it is in another network namespace, which may not be entered', {
      hint: 'run stanch as root, or give the address of its pprof handler: docker run -p 127.0.0.1:6060:6060, kubectl port-forward',
    });
  }
  const listeners = listenersOf(facts.pid);
  for (const { port } of listeners ?? []) {
    const base = `http://127.0.0.1:${await reach.port(port)}/`;
    const found = await pprofBase(base, wish.signal).catch(() => null);
    if (wish.signal.aborted) await reach.close();
    wish.signal.throwIfAborted();
    if (found) return prepareGoHandler(found, facts, wish, reach);
  }
  await reach.close();
  const ports = listeners?.map(({ port }) => port).join(', ');
  throw new CaptureError(
    target,
    'find',
    listeners === null
      ? 'its ports may not be seen'
      : ports === ''
        ? 'it listens on no port'
        : `no pprof handler answers on port ${ports}`,
    { hint },
  );
}

/** Prepares a Go program by the address of its pprof handler. */
export async function prepareGoHandler(
  { base, goroutines }: { base: URL; goroutines: number },
  facts: ProcessFacts | null,
  wish: CaptureWish,
  reach: (Pick<Reach, 'says' | 'close'> & { readonly identity?: string }) | null = null,
): Promise<PreparedTarget> {
  const { kind = 'all' } = wish;
  if (kind === 'census') throw new UsageError('--kind census: that is for Node.js; Go has --kind goroutines');
  const takesGoroutines = kind === 'goroutines' || kind === 'all';
  const probes = [
    COUNTS,
    ...(kind === 'heap' || kind === 'all' ? HEAP : []),
    ...(kind === 'profile' || kind === 'all' ? [ALLOCS] : []),
    ...(takesGoroutines ? [STACKS] : []),
  ];
  const stacksBytes = Math.min(goroutines * STACK_BYTES, STACKS_CUT_BYTES);
  const pauseMs = COUNTS_PAUSE_MS + (takesGoroutines ? goroutines * STACKS_PAUSE_MS_PER_GOROUTINE : 0);
  const extraBytes = HEAP_BYTES + (takesGoroutines ? stacksBytes * 2 : 0);
  const diskBytes = wish.count * (HEAP_BYTES + (takesGoroutines ? stacksBytes : 0));
  const cool = new CoolDown(facts ? processIdentity(facts) : (reach?.identity ?? addressIdentity(base.href)));
  const cooling = takesGoroutines && goroutines > ASK_GOROUTINES ? cool.check() : null;
  const checks: Check[] = [
    {
      name: 'access',
      state: 'ok',
      says: `pprof answers at ${base.href}${reach?.says ?? ''}. No ptrace, no signal.`,
    },
    ...(cooling ? [cooling] : []),
    goroutineCheck(goroutines, takesGoroutines),
    // Seen from afar its limit is unknown, but some tens of megabytes are asked for by the load check.
    ...(facts
      ? [
          memoryCheck(
            {
              mostBytes: extraBytes,
              leastBytes: extraBytes,
              why: 'the text of all stacks, twice',
              instead: 'take --kind heap',
            },
            memoryRoom(facts.pid),
          ),
        ]
      : []),
    pauseCheck(pauseMs, takesGoroutines ? '2 to 3 ms for 1,000 goroutines' : 'a garbage collection'),
    await diskCheck(wish.disk, diskBytes, `${formatCount(goroutines)} goroutines`),
  ];
  return {
    preFlight: {
      target: facts ? `process ${facts.pid}` : base.href,
      runtime: 'go',
      role: facts?.role ?? base.host,
      pid: facts?.pid ?? null,
      kinds: [...new Set(probes.map((probe) => probe.kind))],
      checks,
      extraMemoryBytes: extraBytes,
      pauseMs,
      diskBytes,
    },
    async again() {
      const now = await goroutineCount(base, wish.signal);
      if (now === null) return 'its pprof handler no longer answers';
      const before = goroutineCheck(goroutines, takesGoroutines).state;
      const check = goroutineCheck(now, takesGoroutines);
      return check.state !== 'ok' && before === 'ok' ? check.says : null;
    },
    async capture({ label, folder, signal }) {
      const moment = join(folder, label);
      await mkdir(moment, { mode: 0o700, recursive: true });
      const files: EvidenceFile[] = [];
      try {
        const isLast = label === labelOf(wish.count - 1);
        for (const probe of isLast && takesGoroutines ? [...probes, LEAKS] : probes) {
          const pack = wish.pack === true && !probe.name.endsWith('.gz');
          const file = join(moment, pack ? `${probe.name}.gz` : probe.name);
          const started = performance.now();
          const written = await download(new URL(probe.query, base), file, signal, { pack });
          if (written)
            files.push({ file, kind: probe.kind, ...written, elapsedMs: performance.now() - started });
        }
      } catch (error) {
        // A moment is whole or not there: half of one would be compared with whole ones.
        for (const { file } of files) await rm(file, { force: true });
        await rmdir(moment).catch(() => undefined);
        throw error;
      } finally {
        cool.note();
      }
      return files;
    },
    async close() {
      await reach?.close();
      return null;
    },
  };
}

function goroutineCheck(goroutines: number, takesStacks: boolean): Check {
  const says = `${formatCount(goroutines)} goroutines`;
  if (!takesStacks || goroutines <= ASK_GOROUTINES) return { name: 'load', state: 'ok', says };
  const cut = goroutines * STACK_BYTES > STACKS_CUT_BYTES;
  return {
    name: 'load',
    state: 'ask',
    says: `${says}: writing all their stacks stops the world${cut ? `, and the runtime cuts the text at ${formatBytes(STACKS_CUT_BYTES)}` : ''}`,
    hint: '--kind heap also takes the counts by stack, without stopping it',
  };
}
