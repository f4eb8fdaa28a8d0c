import type { Series } from '../../model/series.ts';
import { type Correlate, correlate } from './correlate.ts';
import { differencesOn, gridOf } from './grid.ts';
import { type LedgerFit, type LedgerPair, ledgerFit, ledgerPairs } from './ledgers.ts';

/** Openings less closings of one kind, over time, against a growth. */
export interface SeriesLedger {
  readonly opened: string;
  readonly closed: string;
  /** More opened than closed in the time that they share. */
  readonly leftOpen: number;
  readonly leftOpenPerHour: number;
  /** Against a growing count, where one is given. */
  readonly count: LedgerFit | null;
  /** Bytes for each left open, if it were all of the growth; null when nothing is left open. */
  readonly bytesEach: number | null;
  /** Whether what is left open in a step moves with the growth. */
  readonly moves: Correlate;
  readonly verdict: 'explains' | 'cannot-explain' | 'unknown';
}

/** More than this for each thing left open is not plausible without another reason. */
const MOST_BYTES_EACH = 64 * 1024 * 1024;

/**
 * Finds counters that open and close the same thing, and tests whether what stays open can be what grows: in number against `count`, in
 * bytes against `memory`, and step by step on differences.
 *
 * @param counters totals (`connections_total`, `disconnects_total`); names decide the pairs
 */
export function seriesLedgers(
  counters: readonly Series[],
  memory: Series,
  count: Series | null = null,
): SeriesLedger[] {
  const byName = new Map(counters.map((series) => [series.name, series]));
  return ledgerPairs([...byName.keys()]).flatMap((pair) => ledgerOf(pair, byName, memory, count) ?? []);
}

function ledgerOf(
  pair: LedgerPair,
  byName: ReadonlyMap<string, Series>,
  memory: Series,
  count: Series | null,
): SeriesLedger | null {
  const opened = byName.get(pair.opened.name)!;
  const closed = byName.get(pair.closed.name)!;
  const grid = gridOf(opened, closed);
  if (!grid) return null;
  const ins = differencesOn(asCounter(opened), grid);
  const outs = differencesOn(asCounter(closed), grid);
  const times = new Float64Array(grid.steps + 1);
  const open = new Float64Array(grid.steps + 1);
  times[0] = grid.fromMs;
  for (let step = 0; step < grid.steps; step++) {
    times[step + 1] = grid.fromMs + (step + 1) * grid.stepMs;
    const change = ins[step]! - outs[step]!;
    open[step + 1] = open[step]! + (Number.isNaN(change) ? 0 : change);
  }
  const leftOpen = open.at(-1)!;
  const hours = (grid.steps * grid.stepMs) / 3_600_000;
  const name = `${opened.name} − ${closed.name}`;
  const moves = correlate(memory, [
    { name, labels: {}, unit: 'count', kind: 'gauge', source: opened.source, times, values: open },
  ])[0]!;
  const grownBytes = grownBetween(memory, times[0]!, times.at(-1)!);
  const fit = count ? ledgerFit(leftOpen, grownBetween(count, times[0]!, times.at(-1)!), grownBytes) : null;
  const bytesEach = leftOpen > 0 ? grownBytes / leftOpen : null;
  const balanced = leftOpen <= 0 || (fit !== null && fit.verdict === 'too-few');
  const implausible = bytesEach !== null && bytesEach > MOST_BYTES_EACH;
  return {
    opened: opened.name,
    closed: closed.name,
    leftOpen,
    leftOpenPerHour: leftOpen / hours,
    count: fit,
    bytesEach,
    moves,
    verdict:
      balanced || implausible || moves.verdict === 'unrelated'
        ? 'cannot-explain'
        : (fit === null || fit.verdict === 'fits') && moves.verdict === 'related'
          ? 'explains'
          : 'unknown',
  };
}

function asCounter(series: Series): Series {
  return { ...series, kind: 'counter' };
}

function grownBetween({ times, values }: Series, fromMs: number, toMs: number): number {
  let first = Number.NaN;
  let last = Number.NaN;
  for (let at = 0; at < times.length; at++) {
    if (times[at]! < fromMs || times[at]! > toMs) continue;
    if (Number.isNaN(first)) first = values[at]!;
    last = values[at]!;
  }
  return Number.isNaN(first) ? 0 : last - first;
}
