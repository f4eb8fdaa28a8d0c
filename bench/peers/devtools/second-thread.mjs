/** The second thread of DevTools: gets a port, answers on it. */
import { workerData } from 'node:worker_threads';
import { DEVTOOLS_BUNDLE } from './bundle.mjs';

const { SecondaryInitManager } = await import(DEVTOOLS_BUNDLE);
new SecondaryInitManager(workerData);
