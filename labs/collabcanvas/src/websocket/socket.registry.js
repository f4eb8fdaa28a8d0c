/** The sockets that are connected now. */
export class SocketRegistry {
  /** @type {Set<import('./socket.js').Socket>} */
  #sockets = new Set();

  get size() {
    return this.#sockets.size;
  }

  /** @param {import('./socket.js').Socket} socket */
  add(socket) {
    this.#sockets.add(socket);
  }

  /** @param {import('./socket.js').Socket} socket */
  delete(socket) {
    this.#sockets.delete(socket);
  }

  /** @param {string} event */
  countListeners(event) {
    let count = 0;
    for (const socket of this.#sockets) count += socket.listenerCount(event);
    return count;
  }
}
