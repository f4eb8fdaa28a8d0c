import { PresenceService } from './src/services/collaboration/presence.service.js';
import { startServer } from './src/start-server.js';
import { registerPresenceHandlers } from './src/websocket/handlers/presence.handler.js';

await startServer({ PresenceService, registerPresenceHandlers });
