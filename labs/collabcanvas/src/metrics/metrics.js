import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

const OBSERVED_EVENTS = ['heartbeat', 'cursor-move', 'selection-change'];

/** @typedef {ReturnType<typeof createMetrics>} Metrics */

/**
 * The series behind `/metrics`. Every label takes its values from a short fixed list.
 *
 * @param {object} sources
 * @param {import('../storage/board.store.js').BoardStore} sources.boardStore
 * @param {import('../websocket/socket.registry.js').SocketRegistry} sources.socketRegistry
 */
export function createMetrics({ boardStore, socketRegistry }) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  new Gauge({
    name: 'nodejs_eventloop_listeners_count',
    help: 'Listeners on the connected sockets, by event',
    labelNames: ['event'],
    registers,
    collect() {
      for (const event of OBSERVED_EVENTS) this.set({ event }, socketRegistry.countListeners(event));
    },
  });
  new Gauge({
    name: 'websocket_connection_active',
    help: 'WebSocket connections that are open',
    registers,
    collect() {
      this.set(socketRegistry.size);
    },
  });
  new Gauge({
    name: 'board_open',
    help: 'Boards with at least one member',
    registers,
    collect() {
      this.set(boardStore.size);
    },
  });

  return {
    registry,
    connections: new Counter({
      name: 'websocket_connection_total',
      help: 'WebSocket connections accepted since the start',
      registers,
    }),
    disconnects: new Counter({
      name: 'websocket_disconnect_total',
      help: 'WebSocket connections that ended since the start',
      registers,
    }),
    listenersRemoved: new Counter({
      name: 'socket_listener_removed_total',
      help: 'Listeners taken off sockets since the start',
      registers,
    }),
    boardJoins: new Counter({
      name: 'board_join_total',
      help: 'Boards joined since the start; a switch is a join',
      registers,
    }),
  };
}
