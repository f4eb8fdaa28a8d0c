import type { Confirmation } from '../confirm/confirmation.ts';
import { joinPods, withoutCopies } from '../confirm/pods.ts';
import { amount, hours } from '../confirm/words.ts';
import type { TimelineRecord } from '../model/case.ts';
import { type Series, sliceSeries } from '../model/series.ts';
import { keepResult } from './results.ts';
import { type Samples, sampled } from './samples.ts';

/** A confirmation as it is kept in a case: with the numbers behind it, so that they can be drawn when their source is gone. */
export interface KeptConfirmation extends Omit<Confirmation, 'floor'> {
  readonly floor: Confirmation['floor'] | null;
  readonly samples: Samples | null;
  /** Where it ends, in the unit of the metric; null when nobody said. */
  readonly limit: number | null;
  readonly others?: readonly Omit<Confirmation, 'floor'>[];
}

/** Keeps what `stanch confirm` answered in a case, with a sketch of the series that it judged. */
export async function keepConfirmation(
  folder: string,
  confirmation: Confirmation,
  series: readonly Series[],
  limit: number | null,
): Promise<TimelineRecord> {
  const document: KeptConfirmation = {
    ...confirmation,
    samples: samplesOf(confirmation, series),
    limit: limit ?? confirmation.timeToLimit?.limitBytes ?? null,
  };
  return keepResult(folder, document, confirmationText(confirmation));
}

/** The series that a confirmation speaks of, thinned; null when it is none of these. */
export function samplesOf(
  { metric, labels, source, window }: Confirmation,
  all: readonly Series[],
): Samples | null {
  const named = withoutCopies(all.filter(({ name }) => name === metric));
  const same = joinPods(named).find(
    ({ series }) => series.source === source && JSON.stringify(series.labels) === JSON.stringify(labels),
  );
  if (same === undefined) return null;
  return sampled(sliceSeries(same.series, Date.parse(window.from), Date.parse(window.to) + 1));
}

/** What it says, in a sentence. */
function confirmationText({ verdict, shape, ratePerHour, timeToLimit, unit, metric }: Confirmation): string {
  const words = { leak: 'leak', 'no-leak': 'no leak', inconclusive: 'cannot tell yet' };
  const rate = ratePerHour === null ? '' : `, ${amount(ratePerHour.value, unit)} an hour`;
  const limit = timeToLimit === null ? '' : `, ${hours(timeToLimit.hours)} to the limit`;
  return `${metric}: ${words[verdict]}${shape === null ? '' : ` (${shape})`}${rate}${limit}`;
}
