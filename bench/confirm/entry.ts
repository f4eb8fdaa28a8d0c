export { confirm } from '../../src/confirm/confirm.ts';
export { mannKendallSaysLeak, predictLinearSaysLeak } from '../../src/confirm/testing/baselines.ts';
export { fieldSeries, HEALTHY, LEAKING, UNTELLABLE } from '../../src/confirm/testing/field-series.ts';
