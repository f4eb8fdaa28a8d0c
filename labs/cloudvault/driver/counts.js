/**
 * What the clients did. The service has answered all of it.
 *
 * @typedef {object} Counts
 * @property {number} minutes of the incident that have been driven
 * @property {number} fileUploads
 * @property {number} fileUploadsWithProgress those whose client shows a progress bar
 * @property {number} chunkedInitiated
 * @property {number} chunkedCompleted
 * @property {number} chunkedAbandoned begun and never completed
 * @property {number} syncOperations pushes, pulls and watches
 * @property {number} watchersStarted
 * @property {number} planChanges rate limiters replaced
 */

/** @returns {Counts} */
export function createCounts() {
  return {
    minutes: 0,
    fileUploads: 0,
    fileUploadsWithProgress: 0,
    chunkedInitiated: 0,
    chunkedCompleted: 0,
    chunkedAbandoned: 0,
    syncOperations: 0,
    watchersStarted: 0,
    planChanges: 0,
  };
}
