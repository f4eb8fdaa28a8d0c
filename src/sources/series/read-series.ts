import { readFileSync, statSync } from 'node:fs';
import { type ByteSource, readHead } from '../../base/byte-source.ts';
import { EXIT, StanchError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import { HEAD_BYTES, SERIES_FORMATS } from '../../formats/index.ts';
import { parseOpenMetrics } from '../../formats/openmetrics/read.ts';
import type { Series, SeriesSet } from '../../model/series.ts';
import { openFile } from '../file.ts';
import { watchProcess } from '../procfs/sampler.ts';
import { PrometheusClient } from '../prometheus/client.ts';
import { type HttpAccess, httpRequest, placeOf } from '../prometheus/http-request.ts';
import { peek, streamingSource } from '../stream.ts';

export interface ReadSeriesOptions extends LongCall {
  /** What `-` stands for. */
  stdin?: AsyncIterable<Uint8Array> | undefined;
  /** PromQL for servers; a name or selector brings its process's other series along. */
  metric?: string | undefined;
  sinceMs?: number | undefined;
  /** How long processes are watched. */
  forMs?: number | undefined;
  access?: HttpAccess | undefined;
  nowMs?: number | undefined;
}

const DEFAULT_FOR_MS = 60_000;
const DEFAULT_SINCE_MS = 3 * 86_400_000;

/**
 * Numbers over time from anything that holds them: a file (told by its content: CSV, OpenMetrics, JSON lines), `-`, the address of a
 * server with Prometheus' API or of a `/metrics` page, or a pid, which is watched.
 *
 * @throws StanchError with exit code 3 (unreadable) or 4 (unreachable)
 */
export async function readSeries(what: string, options: ReadSeriesOptions = {}): Promise<SeriesSet> {
  if (/^https?:\/\//i.test(what)) return fromServer(new URL(what), options);
  if (/^\d+$/.test(what) && !isFile(what)) {
    const { signal, onProgress } = options;
    return watchProcess(Number(what), { forMs: options.forMs ?? DEFAULT_FOR_MS, signal, onProgress });
  }
  if (what === '-')
    return fromSource(streamingSource(options.stdin ?? process.stdin, '<stdin>'), options, null);
  const source = openFile(what);
  try {
    return await fromSource(source, options, statSync(what).mtimeMs);
  } finally {
    source.close?.();
  }
}

async function fromSource(
  given: ByteSource,
  options: ReadSeriesOptions,
  modifiedMs: number | null,
): Promise<SeriesSet> {
  const { head, source } = given.readAt
    ? { head: await readHead(given, HEAD_BYTES), source: given }
    : await peek(given, HEAD_BYTES);
  const sure = SERIES_FORMATS.map((format) => ({ format, sure: format.detect(head, source.name) }));
  const best = sure.reduce((a, b) => (b.sure > a.sure ? b : a));
  const { signal, onProgress, sinceMs } = options;
  const call = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
  if (best.sure === 0) throw unknown(source.name);
  return best.format.read(source, { ...call, sinceMs, scrapedAtMs: modifiedMs ?? Date.now() });
}

async function fromServer(url: URL, options: ReadSeriesOptions): Promise<SeriesSet> {
  const access: HttpAccess = { ...options.access, ...(options.signal ? { signal: options.signal } : {}) };
  const now = options.nowMs ?? Date.now();
  if (url.pathname.endsWith('/metrics')) {
    const { status, body } = await httpRequest(url, access);
    if (status !== 200) throw refusedScrape(url, status);
    const set = parseOpenMetrics(body, placeOf(url), now);
    return {
      ...set,
      notes: [
        ...set.notes,
        'one scrape has no past: give the server that collects it, or a file of many scrapes',
      ],
    };
  }
  const client = new PrometheusClient({ ...access, url: url.href });
  const expression =
    options.metric ?? url.searchParams.get('g0.expr') ?? url.searchParams.get('query') ?? DEFAULT_SELECTOR;
  const from = options.sinceMs ?? now - DEFAULT_SINCE_MS;
  const selector = SELECTOR.exec(expression.trim());
  if (!selector)
    return {
      series: await client.queryRange(expression, from, now, stepFor(now - from)),
      events: [],
      notes: [],
    };
  const series = await client.rawSamples(expression, from, now);
  const beside = await besides(client, selector[2] ?? '', series, from, now);
  return {
    series: [...series, ...beside.filter((each) => !series.some((own) => own.name === each.name))],
    events: [],
    notes: [],
  };
}

const SELECTOR = /^([a-zA-Z_:][\w:]*)?(\{[^}]*\})?$/;
const DEFAULT_SELECTOR = 'process_resident_memory_bytes';
/** What is worth knowing beside the memory of a process. */
const BESIDE =
  'process_start_time_seconds|container_start_time_seconds|container_memory_working_set_bytes|container_memory_cache|container_spec_memory_limit_bytes|process_resident_memory_bytes|nodejs_heap_size_used_bytes|go_memstats_heap_inuse_bytes|nodejs_gc_duration_seconds_count|nodejs_gc_duration_seconds_sum|go_gc_duration_seconds_count|python_gc_collections_total|ruby_major_gc_ops_total|http_requests_total|go_goroutines';
const MAX_BESIDE_FOR = 20;

/** The other series of the same processes, for a few of them; for many that would be most of the server. */
async function besides(
  client: PrometheusClient,
  matchers: string,
  series: readonly Series[],
  from: number,
  now: number,
): Promise<Series[]> {
  if (series.length === 0 || series.length > MAX_BESIDE_FOR) return [];
  const inner = matchers.slice(1, -1).trim();
  try {
    return await client.rawSamples(`{__name__=~"${BESIDE}"${inner === '' ? '' : `,${inner}`}}`, from, now);
  } catch (error) {
    if (error instanceof StanchError) return [];
    throw error;
  }
}

function stepFor(spanMs: number): number {
  return Math.max(15_000, Math.ceil(spanMs / 4000 / 1000) * 1000);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** A text file as it is, for small lists. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StanchError(`${path}: ${(cause as Error).message}`, {
      code: 'file-unreadable',
      exitCode: EXIT.unreadable,
      cause,
    });
  }
}

function refusedScrape(url: URL, status: number): StanchError {
  return new StanchError(`${placeOf(url)}: HTTP ${status}`, {
    code: 'query-refused',
    exitCode: EXIT.unreachable,
  });
}

function unknown(name: string): StanchError {
  return new StanchError(`${name}: no numbers over time that Stanch knows`, {
    code: 'format-unknown',
    exitCode: EXIT.unreadable,
    hint: "a table with a head ('time,memory_bytes'), OpenMetrics text, or JSON lines with a time",
  });
}
