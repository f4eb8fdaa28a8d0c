/** Where the bench keeps what it makes. All of it is generated and ignored by git. */
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BENCH_DATA = `${ROOT}.bench/`;

/** Sets of snapshots of the planted program, one folder a size. */
export const DATA = `${BENCH_DATA}data/`;
/** Snapshots of other Node majors and of Chromium. */
export const MAJORS = `${BENCH_DATA}majors/`;
/** The peers, installed with their exact versions. */
export const PEERS = `${BENCH_DATA}peers/`;
/** What DevTools computed, one folder a snapshot. */
export const ORACLE = `${BENCH_DATA}oracle/`;
/** The figures of the last run. */
export const RESULTS = `${BENCH_DATA}results.json`;
/** The built command line. */
export const STANCH_CLI = `${ROOT}dist/cli/main.js`;
