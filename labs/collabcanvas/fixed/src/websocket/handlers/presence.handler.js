/**
 * What a user does on boards: joins one, points and selects, moves on to another, leaves.
 *
 * @typedef {import('../../../../src/websocket/socket.js').Socket} Socket
 * @typedef {object} PresenceHandlerServices
 * @property {import('../../../../src/storage/board.store.js').BoardStore} boardStore
 * @property {import('../../../../src/metrics/metrics.js').Metrics} metrics
 * @property {import('../../../../src/services/collaboration/presence.service.js').PresenceService} presenceService
 */

/**
 * @param {Socket} socket
 * @param {PresenceHandlerServices} services
 */
export function registerPresenceHandlers(socket, { boardStore, metrics, presenceService }) {
  const handleCursorMove = (position) => {
    presenceService.updateCursor(socket.board, socket.user.id, position);
  };
  const handleSelectionChange = ({ shapeIds }) => {
    presenceService.updateSelection(socket.board, socket.user.id, shapeIds);
  };

  const leaveBoard = () => {
    const { board } = socket;
    if (!board) return;
    socket.off('cursor-move', handleCursorMove);
    socket.off('selection-change', handleSelectionChange);
    socket.board = null;
    board.removeMember(socket);
    boardStore.dropIfEmpty(board);
    presenceService.removeUser(socket, board.id, socket.user.id);
  };

  socket.on('join-board', ({ boardId }, ack) => {
    leaveBoard();
    const board = boardStore.open(boardId);
    board.addMember(socket);
    socket.board = board;
    metrics.boardJoins.inc();
    presenceService.trackUser(socket, boardId, socket.user);
    socket.on('cursor-move', handleCursorMove);
    socket.on('selection-change', handleSelectionChange);
    ack({ board: board.toJSON() });
  });
  socket.on('leave-board', (_payload, ack) => {
    leaveBoard();
    ack();
  });
  socket.on('disconnect', leaveBoard);
}
