export { confirm } from '../../src/confirm/confirm.ts';
export { seriesFrom } from '../../src/model/series.ts';
export { mannKendallSaysLeak, predictLinearSaysLeak } from './baselines.ts';
export { fieldSeries, HEALTHY, LEAKING, UNTELLABLE } from './drawn/field-series.ts';
export { LEAKS, SOUND, service } from './simulated/services.ts';
