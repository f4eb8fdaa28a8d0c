/** Each join adds a heartbeat, a cursor-move and a selection-change listener. */
const LISTENERS_PER_JOIN = 3;

/**
 * What the clients did. The server has answered all of it.
 *
 * @typedef {object} Counts
 * @property {number} connects
 * @property {number} joins switches included
 * @property {number} switches joins from one board straight to another
 * @property {number} leaves boards left by a message
 * @property {number} moves
 * @property {number} selections
 * @property {number} heartbeats
 * @property {number} disconnects
 * @property {number} listenersAdded how many listeners the joins have put on sockets
 */

/** @returns {Counts} */
export function createCounts() {
  return {
    connects: 0,
    joins: 0,
    switches: 0,
    leaves: 0,
    moves: 0,
    selections: 0,
    heartbeats: 0,
    disconnects: 0,
    get listenersAdded() {
      return this.joins * LISTENERS_PER_JOIN;
    },
  };
}
