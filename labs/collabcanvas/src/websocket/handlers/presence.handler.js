/**
 * What a user does on boards: joins one, points and selects, moves on to another, leaves.
 *
 * @typedef {import('../socket.js').Socket} Socket
 * @typedef {object} PresenceHandlerServices
 * @property {import('../../storage/board.store.js').BoardStore} boardStore
 * @property {import('../../metrics/metrics.js').Metrics} metrics
 * @property {import('../../services/collaboration/presence.service.js').PresenceService} presenceService
 */

/**
 * @param {Socket} socket
 * @param {PresenceHandlerServices} services
 */
export function registerPresenceHandlers(socket, { boardStore, metrics, presenceService }) {
  const leaveBoard = () => {
    const { board } = socket;
    if (!board) return;
    socket.board = null;
    board.removeMember(socket);
    boardStore.dropIfEmpty(board);
    presenceService.removeUser(socket, board.id, socket.user.id);
  };

  socket.on('join-board', ({ boardId }, ack) => {
    leaveBoard();
    const currentBoard = boardStore.open(boardId);
    currentBoard.addMember(socket);
    socket.board = currentBoard;
    metrics.boardJoins.inc();
    presenceService.trackUser(socket, boardId, socket.user);
    socket.on('cursor-move', (position) => {
      presenceService.updateCursor(currentBoard, socket.user.id, position);
    });
    socket.on('selection-change', ({ shapeIds }) => {
      presenceService.updateSelection(currentBoard, socket.user.id, shapeIds);
    });
    ack({ board: currentBoard.toJSON() });
  });
  socket.on('leave-board', (_payload, ack) => {
    leaveBoard();
    ack();
  });
  socket.on('disconnect', leaveBoard);
}
