import { EventEmitter, once } from 'node:events';
import { WebSocket } from 'ws';

/** One user's browser tab. What the server sends becomes an event named after the message. */
export class CanvasClient extends EventEmitter {
  #connection;
  #lastRequestId = 0;
  /** @type {Map<number, { resolve: (result: object) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();

  /** @param {WebSocket} connection an open connection */
  constructor(connection) {
    super();
    this.#connection = connection;
    connection.on('message', (data) => this.#receive(JSON.parse(data.toString())));
    connection.on('close', () => this.#abandonRequests());
    connection.on('error', () => {}); // `close` follows, and the requests fail there
  }

  /**
   * @param {string} url of the service, as in http://127.0.0.1:8080
   * @param {string} userId
   */
  static async connect(url, userId) {
    const target = new URL(`/ws?user=${encodeURIComponent(userId)}`, url);
    target.protocol = target.protocol.replace('http', 'ws');
    const connection = new WebSocket(target);
    await once(connection, 'open');
    return new CanvasClient(connection);
  }

  /**
   * Sends a message and waits until the server has handled it, and with it all that was sent before.
   *
   * @param {string} type
   * @param {object} [payload]
   * @returns {Promise<Record<string, unknown>>}
   */
  request(type, payload) {
    const id = ++this.#lastRequestId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#connection.send(JSON.stringify({ type, id, payload }));
    });
  }

  /**
   * @param {string} type
   * @param {object} [payload]
   */
  tell(type, payload) {
    this.#connection.send(JSON.stringify({ type, payload }));
  }

  async close() {
    const closed = once(this.#connection, 'close');
    this.#connection.close();
    await closed;
  }

  #receive({ type, payload }) {
    if (type === 'ack') this.#settle(payload);
    else if (type === 'error') this.#connection.terminate();
    else this.emit(type, payload);
  }

  #settle({ id, ...result }) {
    const request = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (result.error) request?.reject(new Error(`The service answered ${result.error}`));
    else request?.resolve(result);
  }

  #abandonRequests() {
    for (const { reject } of this.#waiting.values()) reject(new Error('The connection has ended'));
    this.#waiting.clear();
  }
}
