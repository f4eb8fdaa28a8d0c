import { median, quantile } from '../../analysis/series/robust.ts';
import type { TrendFit } from '../../analysis/series/trend-fit.ts';
import type { Shape } from '../confirmation.ts';
import type { Judgement } from '../judgement.ts';
import { hours, percent, signedPercent } from '../words.ts';
import { FEW_DAYS_HOURS, leastGrowth, type Study } from './study.ts';
import { flatJudgement, tooLittle } from './verdicts.ts';

/** Not a trend that chance could not make: flat, wandering, or not to be told. */
export function judgeNoTrend(study: Study, fit: TrendFit, level: number): Judgement {
  const { x, seasonal, floored, stripped } = study;
  const span = x.at(-1)!;
  const upper = fit.high * span;
  const suggests = fit.t > 2.2 && upper > 0.06 * level;
  const visible = Math.max(fit.critical * fit.error * span, leastGrowth(study, level)) / level;
  const blind = (upper > BLIND * level || visible > BLIND) && x.length < 12;
  if ((suggests || blind) && !(stripped && fit.slope < 0.25 * stripped.slope)) {
    const needed = Math.max(1.5, (fit.critical / Math.max(0.5, fit.t)) ** (2 / 3));
    return {
      ...tooLittle(
        study.times,
        study.values,
        `needs about ${hours(span * (needed - 1))} more of data to tell a trend from wandering`,
      ),
      floor: floored.floor,
      reasons: [
        `the floor may grow by ${percent(Math.max(0, fit.low * span) / level)} to ${percent(upper / level)} of its level in ${hours(span)}: too near to what chance does`,
      ],
    };
  }
  const shape: Shape = seasonal
    ? 'diurnal'
    : fit.memory > 0.85
      ? 'random-walk'
      : spiky(study)
        ? 'spike'
        : 'flat';
  const why: Readonly<Record<string, string>> = {
    diurnal: 'it follows the time of day and comes back to the same floor',
    'random-walk': 'it wanders, up as well as down: no drift that chance does not make',
    spike: 'it has bursts, and comes back from each of them',
    flat: `the floor stays: between ${signedPercent((fit.low * span) / level)} and ${signedPercent(upper / level)} in ${hours(span)}`,
  };
  if (seasonal && span < FEW_DAYS_HOURS && visible > BLIND) {
    return {
      ...tooLittle(
        study.times,
        study.values,
        `needs about ${hours(24 * 7 - span)} more: a week shows what each day takes back`,
      ),
      floor: floored.floor,
      reasons: [
        `it follows the time of day; growth of less than ${percent(visible)} in ${hours(span)} would not have been seen below that`,
      ],
    };
  }
  if (span < (study.context.longHours ?? SHORT_HOURS) && visible > SEEN_IN_SHORT && x.length >= 8) {
    return {
      ...tooLittle(
        study.times,
        study.values,
        `needs about ${hours(2 * span)} more: ${hours(span)} of such noise clear nobody`,
      ),
      floor: floored.floor,
      reasons: [`growth of less than ${percent(visible)} in ${hours(span)} would not have been seen`],
    };
  }
  return flatJudgement(study, shape, [
    why[shape] ?? '',
    `growth of ${percent(visible)} in this time would have been seen`,
  ]);
}

/** Who could not have seen such growth clears nobody. */
const BLIND = 0.25;

/** In less time than this a process shows its start, a pause or a burst; it is cleared where even little growth would have been seen. */
const SHORT_HOURS = 1;
const SEEN_IN_SHORT = 0.1;

function spiky({ values }: Study): boolean {
  const middle = median(values);
  return Math.max(...quantiles(values)) > middle + 6 * Math.max(1e-12, middle - quantile(values, 0.1));
}

function quantiles(values: Float64Array): number[] {
  return [quantile(values, 0.5), quantile(values, 0.995)];
}
