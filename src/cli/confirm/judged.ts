import { readFileSync, statSync } from 'node:fs';
import { StanchError } from '../../base/errors.ts';
import { incidentSeriesOf } from '../../claims/incident-series.ts';
import { confirmSet, worstFirst } from '../../confirm/confirm-set.ts';
import type { Confirmation } from '../../confirm/confirmation.ts';
import { correlatesOf, ledgersOf } from '../../confirm/correlates.ts';
import { detectIncidentText } from '../../formats/incident-text/detect.ts';
import { HEAD_BYTES, SERIES_FORMATS } from '../../formats/index.ts';
import type { EventStream } from '../../model/event-stream.ts';
import type { Series, SeriesSet } from '../../model/series.ts';
import type { UnreadableEvidence } from '../../sources/evidence.ts';
import { type ReadSeriesOptions, readSeriesInBatches } from '../../sources/series/read-series.ts';

export interface JudgeOptions extends Omit<ReadSeriesOptions, 'sinceMs'> {
  readonly limit?: number | undefined;
  readonly leastMs?: number | undefined;
  readonly since?: { readonly atMs: number } | { readonly agoMs: number } | undefined;
  /** Deploys and restarts from elsewhere. */
  readonly events: readonly EventStream[];
}

export interface Judged {
  /** Worst first. */
  readonly results: readonly Confirmation[];
  /** What was read, for those whose numbers are to be kept; of thousands only that of the worst. */
  readonly series: readonly Series[];
  readonly unreadable: readonly UnreadableEvidence[];
  readonly notes: readonly string[];
  /** Why nothing could be read, in order. */
  readonly failures: readonly StanchError[];
}

/** With more results than this only the first have their companions looked at. */
const EXPLAINED = 25;

/** Reads and judges everything that `stanch confirm` was given. */
export async function judgeAll(names: readonly string[], options: JudgeOptions): Promise<Judged> {
  const results: Confirmation[] = [];
  const collected: Series[] = [];
  const kept: Series[] = [];
  const events: EventStream[] = [...options.events];
  const unreadable: UnreadableEvidence[] = [];
  const notes = new Set<string>();
  const failures: StanchError[] = [];
  const isLive = names.some((name) => /^https?:/i.test(name));
  const judge = (series: readonly Series[], metric: string | undefined): Confirmation[] =>
    explained(
      confirmSet(series, {
        metric,
        limit: options.limit,
        leastMs: options.leastMs,
        sinceMs: sinceMs(options, series),
        events,
      }),
      series,
    );
  const asked = options.promql ?? options.selector ?? options.metric;
  for (const name of names) {
    try {
      const text = incidentText(name);
      if (text !== null) {
        const found = incidentSeriesOf(text, name);
        for (const note of found.notes) notes.add(note);
        results.push(...judgeText(found, options));
        kept.push(...found.series);
        continue;
      }
      const from =
        options.since &&
        ('atMs' in options.since
          ? options.since.atMs
          : isLive
            ? (options.nowMs ?? Date.now()) - options.since.agoMs
            : undefined);
      let first: SeriesSet | null = null;
      for await (const set of readSeriesInBatches(name, { ...options, sinceMs: from })) {
        for (const note of set.notes) notes.add(note);
        events.push(...set.events);
        if (first === null) {
          first = set;
          continue;
        }
        // A second batch: these are many, and are judged as they come.
        for (const { series } of first.series.length > 0 ? [first, set] : [set]) {
          const some = judge(series, chosenOnServer(asked, series));
          if (some[0] && (results.length === 0 || worstFirst(some[0], results[0]!) < 0)) {
            kept.length = 0;
            kept.push(
              ...series.filter((each) => each.name === some[0]!.metric && each.labels === some[0]!.labels),
            );
          }
          results.push(...some.map((each, at) => (at === 0 ? each : { ...each, floor: NO_FLOOR })));
          results.sort(worstFirst);
        }
        first = { series: [], events: [], notes: [] };
      }
      collected.push(...(first?.series ?? []));
    } catch (error) {
      if (!(error instanceof StanchError)) throw error;
      failures.push(error);
      unreadable.push({ file: name, reason: error.message.replace(`${name}: `, '') });
    }
  }
  if (collected.length > 0)
    results.push(...judge(collected, isLive ? chosenOnServer(asked, collected) : asked));
  return {
    results: results.toSorted(worstFirst),
    series: [...collected, ...kept],
    unreadable,
    notes: [...notes],
    failures,
  };
}

const NO_FLOOR: Confirmation['floor'] = { times: [], values: [] };

function explained(results: readonly Confirmation[], series: readonly Series[]): Confirmation[] {
  return results.map((each, at) =>
    at >= EXPLAINED
      ? each
      : { ...each, correlates: correlatesOf(each, series), ledgers: ledgersOf(each, series) },
  );
}

/** Every table of a text stands for itself: memory against the limit that the text names, counts without one. */
function judgeText(found: ReturnType<typeof incidentSeriesOf>, options: JudgeOptions): Confirmation[] {
  const wanted = options.selector ?? options.metric;
  const chosen = found.series.filter(({ name }) => wanted === undefined || name === wanted);
  return chosen.flatMap((series) =>
    confirmSet([series], {
      metric: series.name,
      limit: series.unit === 'bytes' ? (options.limit ?? found.limitBytes ?? undefined) : undefined,
      sinceMs: sinceMs(options, [series]),
      events: [...options.events, ...found.events],
    }),
  );
}

function sinceMs({ since }: JudgeOptions, series: readonly Series[]): number | undefined {
  if (since === undefined) return undefined;
  if ('atMs' in since) return since.atMs;
  return series.reduce((latest, { times }) => Math.max(latest, times.at(-1) ?? 0), 0) - since.agoMs;
}

/** The text of an incident, when a file is one and no table. */
function incidentText(name: string): string | null {
  const facts = statSync(name, { throwIfNoEntry: false });
  if (!facts?.isFile() || facts.size > MOST_TEXT_BYTES || /\.(?:gz|zst)$/i.test(name)) return null;
  const bytes = readFileSync(name);
  const head = bytes.subarray(0, HEAD_BYTES);
  if (SERIES_FORMATS.some((format) => format.detect(head, name) > 0)) return null;
  return detectIncidentText(head, name) >= LEAST_SURE ? new TextDecoder().decode(bytes) : null;
}

const MOST_TEXT_BYTES = 4 << 20;
const LEAST_SURE = 0.3;

/** A server has chosen by labels already; what is left is the name under which its answer stands. */
function chosenOnServer(metric: string | undefined, series: readonly Series[]): string | undefined {
  const name = metric?.split('{')[0];
  if (series.some((each) => each.name === metric)) return metric;
  return series.some((each) => each.name === name) ? name : undefined;
}
