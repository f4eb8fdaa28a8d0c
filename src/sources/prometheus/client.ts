import { EXIT, StanchError } from '../../base/errors.ts';
import { F64List } from '../../base/f64-list.ts';
import { type Labels, type Series, type SeriesKind, seriesFrom } from '../../model/series.ts';
import { unitOfName } from '../../model/series-unit.ts';
import { type HttpAccess, type HttpAnswer, httpRequest, placeOf } from './http-request.ts';

/** Prometheus takes 11,000 steps (11,001 points), VictoriaMetrics 30,000: the smaller suits both. */
const MAX_STEPS = 11_000;
const TOO_MUCH =
  /maximum resolution|maxPointsPerTimeseries|too many (points|samples)|max(imum)?[ -_]?samples|would load too many|points per (time)?series|query processing would load/i;
/** Halving a range more often than this gives pieces of seconds. */
const MAX_HALVINGS = 12;

export interface PrometheusOptions extends HttpAccess {
  /** Base address: `http://prometheus:9090`, or with a path before `/api/v1`. */
  readonly url: string;
}

interface ApiSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly value?: readonly [number, string];
}

/**
 * A server that speaks Prometheus' query API (Prometheus, VictoriaMetrics, Thanos, Mimir).
 *
 * @example
 * import { PrometheusClient } from 'stanch';
 *
 * const client = new PrometheusClient({ url: 'http://127.0.0.1:9090' });
 * const now = Date.now();
 * const series = await client.rawSamples('process_resident_memory_bytes', now - 86_400_000, now);
 * for (const { labels, values } of series) process.stdout.write(`${labels.instance} ${values.length}\n`);
 */
export class PrometheusClient {
  private readonly base: URL;

  constructor(private readonly options: PrometheusOptions) {
    this.base = new URL(options.url);
  }

  /** An instant query; a vector gives series of one point each, a matrix whole ones. */
  async query(expression: string, atMs: number): Promise<Series[]> {
    const result = await this.ask('query', { query: expression, time: String(atMs / 1000) });
    return this.seriesOf([result], expression);
  }

  /**
   * A range query with a point each `stepMs`, in as many pieces as the server's limit of points asks for.
   *
   * @throws StanchError `target-unreachable` or `query-refused` (exit code 4)
   */
  async queryRange(expression: string, fromMs: number, toMs: number, stepMs: number): Promise<Series[]> {
    const pieces: ApiSeries[][] = [];
    const pieceMs = MAX_STEPS * stepMs;
    for (let start = fromMs; start <= toMs; start += pieceMs + stepMs) {
      const end = Math.min(toMs, start + pieceMs);
      pieces.push(...(await this.rangePieces(expression, start, end, stepMs, 0)));
    }
    return this.seriesOf(pieces, expression);
  }

  private async rangePieces(
    expression: string,
    fromMs: number,
    toMs: number,
    stepMs: number,
    halvings: number,
  ): Promise<ApiSeries[][]> {
    try {
      const result = await this.ask('query_range', {
        query: expression,
        start: String(fromMs / 1000),
        end: String(toMs / 1000),
        step: String(stepMs / 1000),
      });
      return [result];
    } catch (error) {
      if (!isTooMuch(error) || halvings >= MAX_HALVINGS || toMs - fromMs < 2 * stepMs) throw error;
      const middle = fromMs + Math.floor((toMs - fromMs) / 2 / stepMs) * stepMs;
      return [
        ...(await this.rangePieces(expression, fromMs, middle, stepMs, halvings + 1)),
        ...(await this.rangePieces(expression, middle + stepMs, toMs, stepMs, halvings + 1)),
      ];
    }
  }

  /**
   * All samples of a selector as they were scraped, by an instant query with a range vector: it is not bound by the limit of points,
   * and nothing is lost between steps. What is too much for one answer is asked for in halves.
   */
  async rawSamples(selector: string, fromMs: number, toMs: number): Promise<Series[]> {
    return this.seriesOf(await this.rawPieces(selector, fromMs, toMs, 0), selector);
  }

  private async rawPieces(
    selector: string,
    fromMs: number,
    toMs: number,
    halvings: number,
  ): Promise<ApiSeries[][]> {
    const seconds = Math.max(1, Math.ceil((toMs - fromMs) / 1000));
    try {
      return [await this.ask('query', { query: `${selector}[${seconds}s]`, time: String(toMs / 1000) })];
    } catch (error) {
      if (!isTooMuch(error) || halvings >= MAX_HALVINGS || seconds < 2) throw error;
      const middle = fromMs + (toMs - fromMs) / 2;
      return [
        ...(await this.rawPieces(selector, fromMs, middle, halvings + 1)),
        ...(await this.rawPieces(selector, middle, toMs, halvings + 1)),
      ];
    }
  }

  /** Names of metrics that the server holds in a span of time. */
  async metricNames(fromMs: number, toMs: number): Promise<string[]> {
    const url = this.endpoint('label/__name__/values');
    url.searchParams.set('start', String(fromMs / 1000));
    url.searchParams.set('end', String(toMs / 1000));
    const data = this.parsed(await httpRequest(url, this.options), url);
    return Array.isArray(data) ? data.filter((each) => typeof each === 'string') : [];
  }

  /** Labels of the series that a selector finds in a span of time, `__name__` among them. */
  async labelSets(selector: string, fromMs: number, toMs: number): Promise<Labels[]> {
    const url = this.endpoint('series');
    const form = new URLSearchParams({
      'match[]': selector,
      start: String(fromMs / 1000),
      end: String(toMs / 1000),
    });
    const data = this.parsed(await this.posted(url, form), url);
    return Array.isArray(data) ? data.filter((each) => typeof each === 'object' && each !== null) : [];
  }

  /** The same numbers under another name: functions of PromQL take it away. */
  named(series: Series, name: string): Series {
    return { ...series, name, unit: unitOfName(name)?.unit ?? null, kind: kindOfName(name) };
  }

  private async ask(endpoint: string, parameters: Record<string, string>): Promise<ApiSeries[]> {
    const url = this.endpoint(endpoint);
    const answer = await this.posted(url, new URLSearchParams(parameters));
    const data = this.parsed(answer, url) as { resultType?: string; result?: unknown } | null;
    return Array.isArray(data?.result)
      ? (data.result as ApiSeries[]).filter((each) => each?.metric !== undefined)
      : [];
  }

  /** POST: long expressions do not fit an address. Proxies that refuse it get the GET. */
  private async posted(url: URL, form: URLSearchParams): Promise<HttpAnswer> {
    const answer = await httpRequest(url, this.options, form);
    if (answer.status !== 405 && answer.status !== 404) return answer;
    for (const [key, value] of form) url.searchParams.set(key, value);
    return httpRequest(url, this.options);
  }

  private endpoint(name: string): URL {
    const url = new URL(this.base);
    url.search = '';
    url.hash = '';
    const path = url.pathname.replace(/\/(graph|query|api\/v1.*)?\/?$/, '');
    url.pathname = `${path}/api/v1/${name}`;
    return url;
  }

  private parsed({ status, body }: { status: number; body: string }, url: URL): unknown {
    let answer: { status?: string; error?: string; data?: unknown };
    try {
      answer = JSON.parse(body);
    } catch {
      throw refused(url, status, body.trim().slice(0, 200) || 'an empty answer');
    }
    if (status >= 300 || answer.status !== 'success')
      throw refused(url, status, answer.error ?? 'no reason given');
    return answer.data;
  }

  private seriesOf(pieces: readonly (readonly ApiSeries[])[], expression: string): Series[] {
    const all = new Map<string, { name: string; labels: Labels; times: F64List; values: F64List }>();
    for (const { metric, values, value } of pieces.flat()) {
      const { __name__, ...labels } = metric;
      const id = JSON.stringify(Object.entries(metric).sort());
      let points = all.get(id);
      if (!points) {
        points = { name: __name__ ?? expression, labels, times: new F64List(), values: new F64List() };
        all.set(id, points);
      }
      for (const [time, text] of values ?? (value ? [value] : [])) {
        points.times.push(time * 1000);
        points.values.push(Number(text));
      }
    }
    return [...all.values()].map(({ name, labels, times, values }) =>
      seriesFrom(
        {
          name,
          labels,
          unit: unitOfName(name)?.unit ?? null,
          kind: kindOfName(name),
          source: placeOf(this.base),
        },
        times.view(),
        values.view(),
      ),
    );
  }
}

function kindOfName(name: string): SeriesKind {
  return /_(total|count|sum|bucket)$/.test(name) ? 'counter' : 'unknown';
}

function isTooMuch(error: unknown): boolean {
  return error instanceof StanchError && error.code === 'query-refused' && TOO_MUCH.test(error.message);
}

function refused(url: URL, status: number, reason: string): StanchError {
  const hints: Readonly<Record<number, string>> = {
    401: 'it wants credentials: set STANCH_BEARER, or STANCH_USER to NAME:PASSWORD',
    403: 'the credentials are not enough for this',
    404: 'no query API is there: give the base address, without /api/v1',
  };
  const hint = hints[status];
  return new StanchError(`${placeOf(url)}: HTTP ${status}: ${reason}`, {
    code: 'query-refused',
    exitCode: EXIT.unreachable,
    ...(hint === undefined ? {} : { hint }),
  });
}
