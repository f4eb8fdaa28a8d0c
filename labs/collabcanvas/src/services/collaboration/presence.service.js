/**
 * @typedef {import('../../models/board.js').Board} Board
 * @typedef {import('../../websocket/socket.js').Socket} Socket
 *
 * @typedef {object} PresenceEntry
 * @property {string} boardId
 * @property {string} userId
 * @property {number} joinedAtMs
 * @property {number} lastSeenAtMs
 */

/** Knows who is on which board, and shares where they point and what they select. */
export class PresenceService {
  /** @type {Map<string, PresenceEntry>} one for each user, board and socket */
  #entries = new Map();
  #idleAfterMs;
  #logger;

  /**
   * @param {object} options
   * @param {import('../../logging/logger.js').Logger} options.logger
   * @param {number} options.idleAfterMs
   */
  constructor({ logger, idleAfterMs }) {
    this.#logger = logger;
    this.#idleAfterMs = idleAfterMs;
  }

  /**
   * Who is on the board, and who of them has gone quiet.
   *
   * @param {string} boardId
   */
  usersOn(boardId) {
    const idleBeforeMs = Date.now() - this.#idleAfterMs;
    return [...this.#entries.values()]
      .filter((entry) => entry.boardId === boardId)
      .map(({ userId, lastSeenAtMs }) => ({ userId, idle: lastSeenAtMs < idleBeforeMs }));
  }

  /**
   * Counts the user as present on the board. A client sends a heartbeat every few seconds, and each one refreshes the
   * entry, so that a user whose tab sleeps is shown as idle. A user with the board open in two tabs has two entries,
   * which come and go on their own.
   *
   * @param {Socket} socket
   * @param {string} boardId
   * @param {{ id: string }} user
   */
  trackUser(socket, boardId, user) {
    this.#logger.info('PRESENCE', `Tracking user on board ${boardId}`);
    const key = presenceKey(socket, boardId, user.id);

    const nowMs = Date.now();
    this.#entries.set(key, { boardId, userId: user.id, joinedAtMs: nowMs, lastSeenAtMs: nowMs });

    const heartbeatHandler = () => {
      this.refresh(key);
    };
    socket.on('heartbeat', heartbeatHandler);
    this.#logger.info('PRESENCE', `Added heartbeat listener socket=${socket.id}`);
  }

  /**
   * @param {Socket} socket
   * @param {string} boardId
   * @param {string} userId
   */
  removeUser(socket, boardId, userId) {
    this.#logger.info('PRESENCE', `Removing user from board ${boardId}`);
    this.#entries.delete(presenceKey(socket, boardId, userId));
    this.#logger.info('PRESENCE', 'User removed from tracking');
  }

  /** @param {string} key */
  refresh(key) {
    this.#logger.debug('PRESENCE', `Heartbeat received ${key}`);
    const entry = this.#entries.get(key);
    if (entry) entry.lastSeenAtMs = Date.now();
  }

  /**
   * @param {Board} board
   * @param {string} userId
   * @param {import('../../models/board.js').Position} position
   */
  updateCursor(board, userId, { x, y }) {
    board.cursors.set(userId, { x, y });
    board.broadcast('cursor-moved', { boardId: board.id, userId, x, y });
  }

  /**
   * @param {Board} board
   * @param {string} userId
   * @param {string[]} shapeIds
   */
  updateSelection(board, userId, shapeIds) {
    board.selections.set(userId, shapeIds);
    board.broadcast('selection-changed', { boardId: board.id, userId, shapeIds });
  }
}

/**
 * @param {Socket} socket
 * @param {string} boardId
 * @param {string} userId
 */
function presenceKey(socket, boardId, userId) {
  return `socket=${socket.id} board=${boardId} user=${userId}`;
}
