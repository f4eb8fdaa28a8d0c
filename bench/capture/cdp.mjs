import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A connection to one target of the Chrome DevTools Protocol. */
export class CdpConnection {
  /** @param {WebSocket} socket open */
  constructor(socket) {
    this.socket = socket;
    this.lastId = 0;
    /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
    this.waiting = new Map();
    /** @type {(method: string, params: any) => void} */
    this.onEvent = () => {};
    socket.on('message', (data) => this.receive(JSON.parse(data.toString())));
  }

  /** @param {string} url */
  static async open(url) {
    const socket = new WebSocket(url, { maxPayload: 0 });
    await once(socket, 'open');
    return new CdpConnection(socket);
  }

  /** @param {string} method @param {object} [params] @returns {Promise<any>} */
  send(method, params = {}) {
    this.lastId += 1;
    const id = this.lastId;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  /** @param {{id?: number, method: string, params?: any, result?: any, error?: {message: string}}} message */
  receive({ id, method, params, result, error }) {
    if (id === undefined) return this.onEvent(method, params);
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  }

  close() {
    this.socket.close();
  }
}
