import { get } from 'node:http';
import { listenersOf, sharesNetwork } from './listening-ports.ts';
import type { ProcessFacts } from './process-facts.ts';

/** What a runtime says of its own heap, at an endpoint for Prometheus. Bytes and counts; null is what it does not tell. */
export interface RuntimeFigures {
  /** Where it was read. */
  readonly port: number;
  readonly heapUsedBytes: number | null;
  readonly heapTotalBytes: number | null;
  readonly externalBytes: number | null;
  /** Collections since the start. */
  readonly collections: number | null;
  readonly collectionSeconds: number | null;
  /** Goroutines, or handles that keep the loop of Node.js alive. */
  readonly running: number | null;
}

/** Names as the usual clients write them; each is summed over its labels, the first that is there counts. */
const NAMES: Readonly<Record<keyof Omit<RuntimeFigures, 'port'>, readonly string[]>> = {
  heapUsedBytes: [
    'nodejs_heap_size_used_bytes',
    'go_memstats_heap_alloc_bytes',
    'ruby_heap_live_bytes',
    'process_heap_bytes',
  ],
  heapTotalBytes: ['nodejs_heap_size_total_bytes', 'go_memstats_heap_sys_bytes'],
  externalBytes: ['nodejs_external_memory_bytes', 'go_memstats_stack_inuse_bytes'],
  collections: [
    'nodejs_gc_duration_seconds_count',
    'go_gc_duration_seconds_count',
    'ruby_major_gc_ops_total',
    'python_gc_collections_total',
  ],
  collectionSeconds: ['nodejs_gc_duration_seconds_sum', 'go_gc_duration_seconds_sum'],
  running: ['nodejs_active_handles_total', 'go_goroutines'],
};
const MOST_PORTS = 4;
const TIMEOUT_MS = 1000;
const MOST_BYTES = 4 << 20;

/** Asks `/metrics` on the ports of a process: a request to the service, so only where the user wants it. Null when none answers so. */
export async function runtimeFigures(
  process: ProcessFacts,
  signal?: AbortSignal,
): Promise<RuntimeFigures | null> {
  if (process.runtime === null || process.master || !sharesNetwork(process.pid)) return null;
  for (const { port } of (listenersOf(process.pid) ?? []).slice(0, MOST_PORTS)) {
    const text = await metricsAt(port, signal);
    const figures = text === null ? null : figuresIn(text, port);
    if (figures) return figures;
  }
  return null;
}

/** Reads the text format of Prometheus, only the names above; null when none of them is there. */
export function figuresIn(text: string, port: number): RuntimeFigures | null {
  const values = new Map<string, number>();
  for (const [, name, value] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{[^}\n]*\})?\s+(\S+)/gm)) {
    const number = Number(value);
    if (Number.isFinite(number)) values.set(name!, (values.get(name!) ?? 0) + number);
  }
  const first = (names: readonly string[]): number | null =>
    names.map((name) => values.get(name)).find((value) => value !== undefined) ?? null;
  const figures: RuntimeFigures = {
    port,
    heapUsedBytes: first(NAMES.heapUsedBytes),
    heapTotalBytes: first(NAMES.heapTotalBytes),
    externalBytes: first(NAMES.externalBytes),
    collections: first(NAMES.collections),
    collectionSeconds: first(NAMES.collectionSeconds),
    running: first(NAMES.running),
  };
  return figures.heapUsedBytes === null && figures.collections === null ? null : figures;
}

function metricsAt(port: number, signal: AbortSignal | undefined): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    const asked = get({
      host: '127.0.0.1',
      port,
      path: '/metrics',
      agent: false,
      headers: { accept: 'text/plain' },
      ...(signal ? { signal } : {}),
    });
    const timer = setTimeout(() => asked.destroy(), TIMEOUT_MS);
    const settle = (value: string | null): void => {
      clearTimeout(timer);
      resolve(value);
    };
    asked.on('error', () => settle(null));
    asked.on('close', () => settle(null));
    asked.on('response', (response) => {
      if (response.statusCode !== 200) {
        asked.destroy();
        return;
      }
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MOST_BYTES) asked.destroy();
      });
      response.on('error', () => settle(null));
      response.on('end', () => settle(text));
    });
  });
}
