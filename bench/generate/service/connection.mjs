import { EventEmitter } from 'node:events';

const TRAIL_POINTS = 3;

/** One client's connection, as a WebSocket library would hand it over. */
export class Connection extends EventEmitter {
  /** @param {number} serial @param {string} board */
  constructor(serial, board) {
    super();
    this.serial = serial;
    this.board = board;
    this.lastSeen = 0;
    this.cursor = { x: serial % 1_920, y: serial % 1_080 };
    this.trail = Array.from({ length: TRAIL_POINTS }, (_, point) => ({
      at: `${serial}/${point}`,
      x: point,
      y: point,
    }));
    this.selection = [`shape-${serial}-a`, `shape-${serial}-b`];
    this.on('message', (/** @type {string} */ text) => {
      this.lastSeen = text.length;
    });
  }
}
