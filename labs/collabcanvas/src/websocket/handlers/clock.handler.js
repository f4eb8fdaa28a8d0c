/**
 * Lets a client measure how far its clock is off.
 *
 * @param {import('../socket.js').Socket} socket
 */
export function registerClockHandlers(socket) {
  socket.on('time-sync', (_payload, ack) => ack({ serverTimeMs: Date.now() }));
}
