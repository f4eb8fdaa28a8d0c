export { confirm } from '../../src/confirm/confirm.ts';
export { confirmSet } from '../../src/confirm/confirm-set.ts';
export { seriesFrom } from '../../src/model/series.ts';
export { mannKendallSaysLeak, predictLinearSaysLeak } from './baselines.ts';
export { fieldSeries, HEALTHY, LEAKING, UNTELLABLE } from './drawn/field-series.ts';
export { FOREIGN_LEAKS, FOREIGN_OPEN, FOREIGN_SOUND, foreignSeries } from './foreign/foreign-series.ts';
export { LEAKS, SOUND, service } from './simulated/services.ts';
