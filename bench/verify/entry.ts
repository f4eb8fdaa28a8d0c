export { seriesFrom } from '../../src/model/series.ts';
export { runScenario } from '../../src/scenario/run-scenario.ts';
export { verifySeries } from '../../src/verify/verify-series.ts';
