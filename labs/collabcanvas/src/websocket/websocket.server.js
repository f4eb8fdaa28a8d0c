import { WebSocketServer } from 'ws';
import { registerClockHandlers } from './handlers/clock.handler.js';
import { registerShapeHandlers } from './handlers/shape.handler.js';
import { parseMessage } from './message.js';
import { Socket } from './socket.js';

const POLICY_VIOLATION = 1008;

/**
 * @typedef {object} WebSocketServices
 * @property {import('../storage/board.store.js').BoardStore} boardStore
 * @property {import('../logging/logger.js').Logger} logger
 * @property {number} maxMessageBytes
 * @property {import('../metrics/metrics.js').Metrics} metrics
 * @property {import('../services/collaboration/presence.service.js').PresenceService} presenceService
 * @property {typeof import('./handlers/presence.handler.js').registerPresenceHandlers} registerPresenceHandlers
 * @property {import('./socket.registry.js').SocketRegistry} socketRegistry
 */

/**
 * Accepts connections to `/ws?user=<id>`.
 *
 * @param {import('node:http').Server} httpServer
 * @param {WebSocketServices} services
 */
export function attachWebSocketServer(httpServer, services) {
  const server = new WebSocketServer({
    server: httpServer,
    path: '/ws',
    maxPayload: services.maxMessageBytes,
  });
  server.on('connection', (connection, request) => {
    const userId = new URL(request.url, 'ws://localhost').searchParams.get('user');
    if (userId) acceptUser(connection, { id: userId }, services);
    else connection.close(POLICY_VIOLATION, 'user is missing');
  });
  return server;
}

/**
 * @param {import('ws').WebSocket} connection
 * @param {{ id: string }} user
 * @param {WebSocketServices} services
 */
function acceptUser(connection, user, services) {
  const { logger, metrics, socketRegistry } = services;
  const socket = new Socket(connection, user);
  socketRegistry.add(socket);
  metrics.connections.inc();
  logger.info('WS', `User connected socket=${socket.id}`);

  socket.on('removeListener', () => metrics.listenersRemoved.inc());
  services.registerPresenceHandlers(socket, services);
  registerShapeHandlers(socket);
  registerClockHandlers(socket);

  connection.on('message', (data) => {
    const message = parseMessage(data);
    if (message) socket.receive(message);
    else socket.send('error', { reason: 'invalid-message' });
  });
  connection.on('error', (error) => logger.warn('WS', `${error.message} socket=${socket.id}`));
  connection.on('close', () => {
    logger.info('WS', `User disconnected socket=${socket.id}`);
    socket.emit('disconnect');
    socketRegistry.delete(socket);
    metrics.disconnects.inc();
  });
}
