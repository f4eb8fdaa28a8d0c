/**
 * What each set of snapshots is made of. A size is named after the megabytes of its `final` snapshot.
 *
 * @typedef {object} SetSize
 * @property {number} sessions sessions that have come and gone by the `final` snapshot
 * @property {number} liveSessions sessions that are connected in every snapshot
 * @property {number} tableRows rows of the static feature table: the healthy bulk of the heap
 * @property {number} pagesPerSession HTML pages that each session leaves in the render cache
 * @property {number} oldSpaceMb `--max-old-space-size` for the program
 */

/** @type {Readonly<Record<string, SetSize>>} */
export const SET_SIZES = {
  30: { sessions: 5_200, liveSessions: 20, tableRows: 12_500, pagesPerSession: 0, oldSpaceMb: 1_024 },
  270: { sessions: 52_000, liveSessions: 200, tableRows: 102_000, pagesPerSession: 0, oldSpaceMb: 2_048 },
  1100: { sessions: 245_000, liveSessions: 200, tableRows: 205_000, pagesPerSession: 0, oldSpaceMb: 4_096 },
  1500: { sessions: 162_000, liveSessions: 200, tableRows: 265_000, pagesPerSession: 3, oldSpaceMb: 6_144 },
};

/** The three moments of a set, in the order in which they are taken. */
export const MOMENTS = /** @type {const} */ (['baseline', 'target', 'final']);
