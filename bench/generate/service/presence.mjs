/** Presence: who is on which board. Every session listens for the service's heartbeat. */
export class PresenceService {
  /** @param {import('node:events').EventEmitter} bus */
  constructor(bus) {
    this.bus = bus;
    this.online = new Map();
  }

  /** @param {import('./connection.mjs').Connection} connection @param {{id: string, name: string}} user */
  trackUser(connection, user) {
    const entry = { user, board: connection.board, joined: connection.serial, beats: 0 };
    this.online.set(user.id, entry);
    const heartbeatHandler = () => {
      entry.beats += 1;
      connection.lastSeen = entry.beats;
    };
    this.bus.on('heartbeat', heartbeatHandler);
  }

  /** @param {{id: string}} user */
  untrackUser(user) {
    // The planted leak: the map lets go of the user, the bus keeps the listener.
    this.online.delete(user.id);
  }
}
