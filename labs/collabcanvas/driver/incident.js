import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PresenceService as FixedPresenceService } from '../fixed/src/services/collaboration/presence.service.js';
import { createLogger } from '../src/logging/logger.js';
import { PresenceService } from '../src/services/collaboration/presence.service.js';

const BUILDS = { leaking: PresenceService, fixed: FixedPresenceService };

/**
 * @typedef {object} Outcome
 * @property {number} socketsConnected that the test still holds, as a server holds the sockets of connected users
 * @property {number} socketsAlive after the garbage collection
 * @property {number} listenersLeft on the sockets that are alive
 * @property {number} heapGrowthBytes from one garbage collection to the next
 */

/**
 * The reproduction of the incident report, in this process and without a network: users join, send two heartbeats and
 * leave. It runs once with sockets that nobody keeps, as in the report, and once with sockets that stay connected.
 *
 * @param {{ build: 'leaking' | 'fixed', users: number }} options
 * @returns {Promise<{ users: number, socketsDropped: Outcome, socketsConnected: Outcome }>}
 */
export async function reproduceIncident({ build, users }) {
  if (!globalThis.gc) throw new Error('The incident mode needs node --expose-gc');
  const presenceService = new BUILDS[build]({ logger: createLogger('silent'), idleAfterMs: 60_000 });
  await measure(presenceService, { users, stayConnected: false }); // lets the runtime compile and settle
  return {
    users,
    socketsDropped: await measure(presenceService, { users, stayConnected: false }),
    socketsConnected: await measure(presenceService, { users, stayConnected: true }),
  };
}

/** @returns {Promise<Outcome>} */
async function measure(presenceService, { users, stayConnected }) {
  const connected = new Set();
  const references = [];
  const bytesBefore = await heapUsedAfterGc();

  for (let number = 0; number < users; number++) {
    references.push(joinAndLeave(presenceService, number, stayConnected ? connected : undefined));
  }

  const heapGrowthBytes = (await heapUsedAfterGc()) - bytesBefore;
  const alive = references.map((reference) => reference.deref()).filter((socket) => socket !== undefined);
  return {
    socketsConnected: connected.size,
    socketsAlive: alive.length,
    listenersLeft: alive.reduce((sum, socket) => sum + socket.listenerCount('heartbeat'), 0),
    heapGrowthBytes,
  };
}

/**
 * A function of its own, so that no variable of the loop holds on to the last socket.
 *
 * @param {PresenceService} presenceService
 * @param {number} number
 * @param {Set<EventEmitter>} [connected] keeps the socket
 */
function joinAndLeave(presenceService, number, connected) {
  const socket = Object.assign(new EventEmitter(), { id: `sock_${number}` });
  const user = { id: `user-${number}` };
  presenceService.trackUser(socket, 'board-1', user);
  socket.emit('heartbeat');
  socket.emit('heartbeat');
  presenceService.removeUser(socket, 'board-1', user.id);
  connected?.add(socket);
  return new WeakRef(socket);
}

/** A WeakRef holds its target until the turn of the event loop ends, so the collection waits for the next one. */
async function heapUsedAfterGc() {
  await nextTurn();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
