import { existsSync, readFileSync, statSync } from 'node:fs';
import { type ByteSource, readHead } from '../../base/byte-source.ts';
import { EXIT, StanchError, UsageError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import { HEAD_BYTES, SERIES_FORMATS } from '../../formats/index.ts';
import { parseOpenMetrics } from '../../formats/openmetrics/read.ts';
import type { Labels, Series, SeriesSet } from '../../model/series.ts';
import { engineAddress, requireEngine } from '../containers/engine-address.ts';
import { openFile } from '../file.ts';
import { watchProcess } from '../procfs/sampler.ts';
import { watchContainer } from '../procfs/watch-container.ts';
import { PrometheusClient } from '../prometheus/client.ts';
import { type HttpAccess, httpRequest, placeOf } from '../prometheus/http-request.ts';
import { MANY, seriesInBatches } from '../prometheus/many-series.ts';
import { peek, streamingSource } from '../stream.ts';

export interface ReadSeriesOptions extends LongCall {
  /** What `-` stands for. */
  stdin?: AsyncIterable<Uint8Array> | undefined;
  /** PromQL for servers; a name or selector brings its process's other series along. */
  metric?: string | undefined;
  /** PromQL for servers, asked as it is: points at even steps. */
  promql?: string | undefined;
  /** A series selector for servers: raw samples, with what the same processes have besides. */
  selector?: string | undefined;
  sinceMs?: number | undefined;
  /** How long processes are watched. */
  forMs?: number | undefined;
  access?: HttpAccess | undefined;
  nowMs?: number | undefined;
}

/** As Docker has them; a name with an ending of a file is rather a file that is missing. */
const CONTAINER_NAME = /^[a-zA-Z0-9][\w-]*(?:\.\d+)*$/;
const DEFAULT_FOR_MS = 60_000;
const DEFAULT_SINCE_MS = 3 * 86_400_000;

/**
 * Numbers over time from anything that holds them: a file (told by its content: CSV, OpenMetrics, JSON lines), `-`, the address of a
 * server with Prometheus' API or of a `/metrics` page, a pid or a container (`container:NAME`, or its name), which are watched.
 *
 * @throws StanchError with exit code 3 (unreadable) or 4 (unreachable)
 */
export async function readSeries(what: string, options: ReadSeriesOptions = {}): Promise<SeriesSet> {
  const sets: SeriesSet[] = [];
  for await (const set of readSeriesInBatches(what, options)) sets.push(set);
  return {
    series: sets.flatMap(({ series }) => series),
    events: sets.flatMap(({ events }) => events),
    notes: [...new Set(sets.flatMap(({ notes }) => notes))],
  };
}

/** As `readSeries`; thousands of series of a server come in batches that each hold whole processes. */
export async function* readSeriesInBatches(
  what: string,
  options: ReadSeriesOptions = {},
): AsyncGenerator<SeriesSet> {
  if (/^https?:\/\//i.test(what)) yield* fromServer(new URL(what), options);
  else yield await fromHere(what, options);
}

async function fromHere(what: string, options: ReadSeriesOptions): Promise<SeriesSet> {
  const { signal, onProgress } = options;
  const watched = { forMs: options.forMs ?? DEFAULT_FOR_MS, signal, onProgress };
  if (/^\d+$/.test(what) && !isFile(what)) return watchProcess(Number(what), watched);
  const [, told] = /^container:(.+)$/.exec(what) ?? [];
  if (told !== undefined || (what !== '-' && !existsSync(what) && CONTAINER_NAME.test(what))) {
    const address = told === undefined ? engineAddress() : requireEngine();
    if (address !== null) return watchContainer({ ...address, signal }, told ?? what, watched);
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

async function* fromServer(url: URL, options: ReadSeriesOptions): AsyncGenerator<SeriesSet> {
  const access: HttpAccess = { ...options.access, ...(options.signal ? { signal: options.signal } : {}) };
  const now = options.nowMs ?? Date.now();
  if (url.pathname.endsWith('/metrics')) {
    yield await oneScrape(url, access, now);
    return;
  }
  const client = new PrometheusClient({ ...access, url: url.href });
  const given = options.metric ?? url.searchParams.get('g0.expr') ?? url.searchParams.get('query');
  const expression = (options.promql ?? options.selector ?? given ?? DEFAULT_SELECTOR).trim();
  const from = options.sinceMs ?? now - DEFAULT_SINCE_MS;
  const selector = options.promql === undefined ? SELECTOR.exec(expression) : null;
  if (!selector) {
    if (options.selector !== undefined) throw noSelector(expression);
    const series = await client.queryRange(expression, from, now, stepFor(now - from));
    yield { series, events: [], notes: [] };
    return;
  }
  const [, name, matchers = ''] = selector;
  const found = await client.labelSets(expression, from, now).catch(onlyRefusals);
  if (found.length > MANY && name !== undefined) {
    const note = `${found.length.toLocaleString('en-US')} series: judged by the lowest sample of each step; for one of them give a selector that names it`;
    let done = 0;
    for await (const series of seriesInBatches(client, { name, matchers }, found, from, now)) {
      yield { series, events: [], notes: [note] };
      done += series.filter((each) => each.name === name).length;
      options.onProgress?.('series', done, found.length);
    }
    return;
  }
  const series = await client.rawSamples(expression, from, now);
  const beside = await besides(client, matchers, series, from, now);
  yield {
    series: [...series, ...beside.filter((each) => !series.some((own) => own.name === each.name))],
    events: [],
    notes: [],
  };
}

async function oneScrape(url: URL, access: HttpAccess, now: number): Promise<SeriesSet> {
  const { status, body } = await httpRequest(url, access);
  if (status !== 200) throw refusedScrape(url, status);
  const set = parseOpenMetrics(body, placeOf(url), now);
  const note = 'one scrape has no past: give the server that collects it, or a file of many scrapes';
  return { ...set, notes: [...set.notes, note] };
}

/** Servers without the series endpoint are asked at once. */
function onlyRefusals(error: unknown): Labels[] {
  if (error instanceof StanchError && error.code === 'query-refused') return [];
  throw error;
}

/** A name, matchers, or both; what is quoted may hold braces. */
const SELECTOR = /^([a-zA-Z_:][\w:]*)?(\{(?:[^{}"'`]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)*\})?$/;
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

function noSelector(text: string): UsageError {
  return new UsageError(
    `--selector: '${text}' is no series selector`,
    'write name{label="value"}; for other PromQL there is --promql',
  );
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
