import { once } from 'node:events';
import { createHttpServer } from './http/http-server.js';
import { boardRoutes } from './http/routes/boards.routes.js';
import { healthRoutes } from './http/routes/health.routes.js';
import { metricsRoutes } from './http/routes/metrics.routes.js';
import { createLogger } from './logging/logger.js';
import { createMetrics } from './metrics/metrics.js';
import { BoardStore } from './storage/board.store.js';
import { SocketRegistry } from './websocket/socket.registry.js';
import { attachWebSocketServer } from './websocket/websocket.server.js';

/**
 * @typedef {object} PresenceModules
 * @property {typeof import('./services/collaboration/presence.service.js').PresenceService} PresenceService
 * @property {typeof import('./websocket/handlers/presence.handler.js').registerPresenceHandlers} registerPresenceHandlers
 */

/**
 * Puts the service together.
 *
 * @param {import('./config.js').Config} config
 * @param {PresenceModules} presenceModules
 */
export function createApp(config, { PresenceService, registerPresenceHandlers }) {
  const logger = createLogger(config.logLevel);
  const boardStore = new BoardStore();
  const socketRegistry = new SocketRegistry();
  const presenceService = new PresenceService({ logger, idleAfterMs: config.idleAfterMs });
  const metrics = createMetrics({ boardStore, socketRegistry });

  const httpServer = createHttpServer({
    routes: [
      ...healthRoutes(),
      ...boardRoutes({ boardStore, presenceService }),
      ...metricsRoutes({ metrics }),
    ],
    logger,
  });
  const webSocketServer = attachWebSocketServer(httpServer, {
    boardStore,
    logger,
    maxMessageBytes: config.maxMessageBytes,
    metrics,
    presenceService,
    registerPresenceHandlers,
    socketRegistry,
  });

  return {
    /** @returns {Promise<{ port: number }>} */
    async listen() {
      httpServer.listen(config.port, config.host);
      await once(httpServer, 'listening');
      return { port: httpServer.address().port };
    },
    close() {
      for (const connection of webSocketServer.clients) connection.terminate();
      webSocketServer.close();
      httpServer.close();
      httpServer.closeAllConnections();
    },
  };
}
