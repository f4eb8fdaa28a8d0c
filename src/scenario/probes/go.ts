import { headOf } from '../../capture/probes/http-evidence.ts';
import { pprofBase, prepareGoHandler } from '../../capture/targets/go.ts';
import type { CaptureWish } from '../../capture/targets/target.ts';
import { listenersOf } from '../../sources/processes/listening-ports.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import type { LightCounts } from '../run-result.ts';
import { evidenceOf, type Probe } from './probe.ts';
import { procCounts } from './proc-counts.ts';

/** A profile as text ends with the runtime's own figures, as `# HeapInuse = 1234`. */
const FIGURES: Readonly<Record<string, string>> = {
  HeapAlloc: 'go_heap_alloc_bytes',
  HeapInuse: 'go_heap_inuse_bytes',
  StackInuse: 'go_stack_inuse_bytes',
  HeapObjects: 'go_heap_objects',
};
const MOST_BYTES = 16_000_000;

/** A Go program of this machine, by the pprof handler that one of its ports has; null when none has. */
export async function goProcessProbe(facts: ProcessFacts, wish: CaptureWish): Promise<Probe | null> {
  for (const { port } of listenersOf(facts.pid) ?? []) {
    const found = await pprofBase(`http://127.0.0.1:${port}/`, wish.signal).catch(() => null);
    wish.signal.throwIfAborted();
    if (found) return goProbe(found, facts, wish);
  }
  return null;
}

/** A Go program by its pprof handler. */
export async function goProbe(
  found: { base: URL; goroutines: number },
  facts: ProcessFacts | null,
  wish: CaptureWish,
): Promise<Probe> {
  const { base } = found;
  const { signal } = wish;
  const prepared = await prepareGoHandler(found, facts, { ...wish, kind: 'all' });
  const figures = async (query: string): Promise<LightCounts> => {
    const text = (await headOf(new URL(query, base), signal, MOST_BYTES)) ?? '';
    return Object.fromEntries(
      [...text.matchAll(/^# (\w+) = (\d+)$/gm)].flatMap(([, name, value]) =>
        FIGURES[name!] === undefined ? [] : [[FIGURES[name!], Number(value)]],
      ),
    );
  };
  return {
    target: facts ? `process ${facts.pid}` : base.href,
    runtime: 'go',
    ...evidenceOf(prepared),
    async collectGarbage() {
      // Finalisers run between two collections.
      await headOf(new URL('heap?gc=1', base), signal, MOST_BYTES);
      await headOf(new URL('heap?gc=1', base), signal, MOST_BYTES);
      return true;
    },
    async counts() {
      const head = (await headOf(new URL('goroutine?debug=1', base), signal, 100)) ?? '';
      const goroutines = Number(/^goroutine profile: total (\d+)/.exec(head)?.[1] ?? Number.NaN);
      return {
        ...(await figures('heap?debug=1')),
        ...(Number.isNaN(goroutines) ? {} : { go_goroutines: goroutines }),
        ...procCounts(facts?.pid ?? null),
      };
    },
    close: () => prepared.close(),
  };
}
