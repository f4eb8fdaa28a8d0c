import { median } from '../../analysis/series/robust.ts';
import type { Shape } from '../confirmation.ts';
import type { Judgement } from '../judgement.ts';
import type { FlooredStretch } from '../stretch.ts';
import { levelOf, type Study } from './study.ts';

export function flatJudgement(study: Study, shape: Shape, reasons: readonly string[]): Judgement {
  return {
    verdict: 'no-leak',
    shape,
    rate: null,
    onsetMs: null,
    warmUpEndMs: study.stripped ? study.times[0]! : null,
    floor: study.floored.floor,
    level: levelOf(study),
    lateRate: null,
    reasons,
    missing: [],
  };
}

export function tooLittle(times: Float64Array, values: Float64Array, missing: string): Judgement {
  return {
    verdict: 'inconclusive',
    shape: null,
    rate: null,
    onsetMs: null,
    warmUpEndMs: null,
    floor: times.length > 0 ? { times, values, middles: values, windowMs: 0 } : null,
    level: values.length > 0 ? median(values.subarray(-5)) : Number.NaN,
    lateRate: null,
    reasons: [],
    missing: [missing],
  };
}

export function tooFewCollections(values: Float64Array, floored: FlooredStretch): Judgement {
  const { floor, lacking, cycles } = floored;
  return {
    ...tooLittle(floor.times, floor.values, `needs ${Math.max(1, lacking)} more large collections to tell`),
    level: median(values.subarray(-5)),
    floor,
    reasons: [
      `only ${cycles ?? 0} large collections are in view: what stays behind them cannot be told from what is not collected yet`,
    ],
  };
}
