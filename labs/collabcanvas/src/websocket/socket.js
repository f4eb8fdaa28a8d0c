import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { WebSocket } from 'ws';

/**
 * One user's connection. Each message of the client becomes an event with the payload and an `ack` function; the end
 * of the connection is the event `disconnect`.
 */
export class Socket extends EventEmitter {
  id = `sock_${randomBytes(6).toString('hex')}`;
  /** @type {import('../models/board.js').Board | null} the board that the user has open */
  board = null;
  #connection;

  /**
   * @param {WebSocket} connection
   * @param {{ id: string }} user
   */
  constructor(connection, user) {
    super();
    this.#connection = connection;
    this.user = user;
  }

  /** @param {import('./message.js').ClientMessage} message */
  receive({ type, id, payload }) {
    this.emit(type, payload, (result = {}) => {
      if (id !== undefined) this.send('ack', { id, ...result });
    });
  }

  /**
   * @param {string} type
   * @param {object} payload
   */
  send(type, payload) {
    if (this.#connection.readyState !== WebSocket.OPEN) return;
    this.#connection.send(JSON.stringify({ type, payload }));
  }
}
