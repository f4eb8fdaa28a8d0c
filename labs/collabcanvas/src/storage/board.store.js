import { Board } from '../models/board.js';

/** The boards in use. A board is made when somebody opens it and dropped when its last member has left. */
export class BoardStore {
  /** @type {Map<string, Board>} */
  #boards = new Map();

  get size() {
    return this.#boards.size;
  }

  list() {
    return [...this.#boards.values()];
  }

  /** @param {string} id */
  find(id) {
    return this.#boards.get(id);
  }

  /** @param {string} id */
  open(id) {
    let board = this.#boards.get(id);
    if (!board) {
      board = new Board(id);
      this.#boards.set(id, board);
    }
    return board;
  }

  /** @param {Board} board */
  dropIfEmpty(board) {
    if (board.members.size === 0) this.#boards.delete(board.id);
  }
}
