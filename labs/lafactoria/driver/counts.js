/**
 * What the driver has done so far, all rounds together.
 *
 * @typedef {object} Counts
 * @property {number} visits a login, the requests below, and a logout
 * @property {number} contents
 * @property {number} notFound reads of content that is not there
 * @property {number} scores
 * @property {number} exports
 * @property {number} histories
 */

/** @returns {Counts} */
export function createCounts() {
  return { visits: 0, contents: 0, notFound: 0, scores: 0, exports: 0, histories: 0 };
}
