import { createRandom } from '../../driving/random.js';

/** A user comes back to a board after so many others; by then it is empty and has been dropped. */
const BOARDS_PER_USER = 50;
const BOARD_SIZE = 1_000;
const TEMPLATE_SHAPES = 15;

/** A user who goes from board to board. What happens on them follows from the seed and the number alone. */
export class Visitor {
  #boardsOpened = 0;
  #counts;
  #number;
  #onBoard = false;
  #random;

  /**
   * @param {number} number tells the users apart; two users never meet on a board
   * @param {number} seed
   * @param {import('./counts.js').Counts} counts
   */
  constructor(number, seed, counts) {
    this.#number = number;
    this.#random = createRandom(seed + Math.imul(number, 0x9e3779b1));
    this.#counts = counts;
  }

  get userId() {
    return `user-${this.#number}`;
  }

  /**
   * Opens a board that nobody has open, works on it and, half of the time, leaves it. Otherwise the next visit is a
   * switch.
   *
   * @param {import('./canvas-client.js').CanvasClient} client
   */
  async visit(client) {
    const boardId = `board-${this.#number}-${this.#boardsOpened++ % BOARDS_PER_USER}`;
    await client.request('join-board', { boardId });
    this.#counts.joins++;
    if (this.#onBoard) this.#counts.switches++;
    this.#onBoard = true;

    await this.#work(client);
    if (this.#random(2) === 0) await this.leave(client);
  }

  /** @param {import('./canvas-client.js').CanvasClient} client */
  async leave(client) {
    if (!this.#onBoard) return;
    await client.request('leave-board');
    this.#onBoard = false;
    this.#counts.leaves++;
  }

  /** To be called when the connection has ended, and with it the stay on a board. */
  disconnected() {
    this.#onBoard = false;
    this.#counts.disconnects++;
  }

  async #work(client) {
    for (let moves = 1 + this.#random(3); moves > 0; moves--) {
      client.tell('cursor-move', { x: this.#random(BOARD_SIZE), y: this.#random(BOARD_SIZE) });
      this.#counts.moves++;
    }
    if (this.#random(2) === 0) {
      client.tell('selection-change', { shapeIds: [`shape-${1 + this.#random(TEMPLATE_SHAPES)}`] });
      this.#counts.selections++;
    }
    for (let heartbeats = 1 + this.#random(2); heartbeats > 0; heartbeats--) {
      client.tell('heartbeat');
      this.#counts.heartbeats++;
    }
    await client.request('time-sync');
  }
}
