import { PresenceService } from './fixed/src/services/collaboration/presence.service.js';
import { registerPresenceHandlers } from './fixed/src/websocket/handlers/presence.handler.js';
import { startServer } from './src/start-server.js';

await startServer({ PresenceService, registerPresenceHandlers });
