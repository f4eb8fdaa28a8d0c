import type { IntervalBasis } from './restart-interval.ts';

/** What is used of a `stanch/confirm@1` document; everything else in it is passed over. */
interface ConfirmDocument {
  readonly schema: string;
  readonly metric?: string;
  readonly verdict?: string;
  readonly unit?: string | null;
  readonly shape?: string | null;
  readonly ratePerHour?: { readonly value: number; readonly low: number; readonly high: number } | null;
  readonly timeToLimit?: { readonly limitBytes: number; readonly hours: number; readonly low: number } | null;
  readonly restarts?: readonly { readonly at: string }[];
  readonly floor?: { readonly times: readonly number[]; readonly values: readonly number[] } | null;
  readonly limit?: number | null;
}

/** Where the numbers of an interval come from, or why there are none. */
export type ConfirmedGrowth =
  | { readonly basis: IntervalBasis; readonly metric: string; readonly floorFrom: string; readonly why: null }
  | { readonly basis: null; readonly why: string };

/**
 * Takes rate, limit and floor from what `stanch confirm` answered. The floor is the highest level that a process began its life with: a
 * restart does not bring it lower.
 *
 * @param given what the user says instead, in bytes
 */
export function confirmedGrowth(
  value: unknown,
  given: { limitBytes: number | null; floorBytes: number | null; workers: number },
): ConfirmedGrowth {
  const document = (value ?? {}) as Partial<ConfirmDocument>;
  if (!/^stanch\/confirm@/.test(document.schema ?? ''))
    return none('it is no answer of stanch confirm --json');
  const { ratePerHour, verdict, unit, shape, timeToLimit, floor } = document;
  if (verdict !== 'leak' || !ratePerHour)
    return none(`stanch confirm says ${verdict ?? 'nothing'}: there is no rate`);
  if (unit != null && unit !== 'bytes') return none(`its rate is in ${unit}, not in bytes`);
  const limitBytes = given.limitBytes ?? document.limit ?? timeToLimit?.limitBytes ?? null;
  if (limitBytes === null) return none('no limit is known: --limit SIZE');
  const starts = startLevels(document);
  const floorBytes = given.floorBytes ?? (starts.length > 0 ? Math.max(...starts) : null);
  if (floorBytes === null) return none('what a fresh process takes is not known: --floor SIZE');
  const levelBytes = floor?.values.at(-1);
  const accelerates = shape === 'accelerating' && timeToLimit != null && levelBytes !== undefined;
  return {
    basis: {
      ratePerHour,
      limitBytes,
      floorBytes,
      accelerating: accelerates ? { levelBytes, hoursLow: timeToLimit.low } : null,
      workers: given.workers,
    },
    metric: document.metric ?? '',
    floorFrom:
      given.floorBytes !== null
        ? 'as given'
        : (document.restarts ?? []).length > 0
          ? 'the highest level after a restart in the data'
          : 'the first level in the data, which may not be that of a fresh process',
    why: null,
  };
}

/** Of each life the first level of the floor; without restarts that at the beginning of the data. */
function startLevels({ floor, restarts = [] }: Partial<ConfirmDocument>): number[] {
  if (!floor || floor.values.length === 0) return [];
  const levels = restarts
    .map(({ at }) => floor.values[floor.times.findIndex((time) => time >= Date.parse(at))])
    .filter((level) => level !== undefined);
  return levels.length > 0 ? levels : [floor.values[0]!];
}

function none(why: string): ConfirmedGrowth {
  return { basis: null, why };
}
