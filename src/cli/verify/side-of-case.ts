import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { readContents } from '../../casework/case-contents.ts';
import { CASE_FILE } from '../../casework/case-folder.ts';
import type { KeptConfirmation } from '../../casework/keep-confirmation.ts';
import { type Series, seriesFrom } from '../../model/series.ts';
import type { KnownRate } from '../../verify/series-side.ts';
import type { Side } from './read-side.ts';

export interface SideOfCase extends Side {
  /** The rate confirmed, where the numbers behind it were not kept; null when none was. */
  readonly rate: KnownRate | null;
}

/** Whether a folder is a case, which is asked for what it knows instead of being searched for files. */
export function isCase(path: string): boolean {
  return existsSync(join(path, CASE_FILE));
}

/**
 * What a case knows of one side. Before the fix: the last diagnosis and the last confirmation that saw a leak; after it: the last of each.
 *
 * @throws UsageError when that is nothing, with what would change it
 */
export async function sideOfCase(folder: string, which: 'before' | 'after'): Promise<SideOfCase> {
  const { diagnoses, confirmations } = await readContents(folder);
  const saysSo = ({ verdict }: { readonly verdict: string }): boolean =>
    which === 'after' || verdict === 'leak';
  const diagnosis = diagnoses.findLast(({ diagnosis: each }) => saysSo(each))?.diagnosis ?? null;
  const all = confirmations.map(({ confirmation }) => confirmation);
  const confirmed =
    all.findLast((each) => saysSo(each) && hasPoints(each)) ??
    all.findLast(hasPoints) ??
    all.findLast(hasRate);
  if (diagnosis === null && confirmed === undefined)
    throw new UsageError(
      `${folder} knows neither a rate nor a cause of the leak`,
      `stanch confirm … --case ${folder}, stanch case diagnose ${folder}, or give --${which} other evidence`,
    );
  return {
    series: confirmed && hasPoints(confirmed) ? [seriesOf(confirmed, folder)] : [],
    rate: confirmed && hasRate(confirmed) ? rateOf(confirmed, folder) : null,
    events: [],
    diagnosis,
    unreadable: [],
    notes: [],
  };
}

const hasPoints = ({ samples }: KeptConfirmation): boolean => (samples?.times?.length ?? 0) > 1;
const hasRate = ({ ratePerHour }: KeptConfirmation): boolean => ratePerHour != null;

function seriesOf({ metric, labels, unit, samples }: KeptConfirmation, folder: string): Series {
  const about = { name: metric, labels: labels ?? {}, unit, kind: 'gauge', source: folder } as const;
  return seriesFrom(about, samples!.times, samples!.values);
}

function rateOf({ metric, ratePerHour, unit }: KeptConfirmation, folder: string): KnownRate {
  return { ratePerHour: ratePerHour!, unit, source: `${folder}: ${metric}` };
}
