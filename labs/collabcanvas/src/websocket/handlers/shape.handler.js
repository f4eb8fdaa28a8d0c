/**
 * Shapes that a user draws on the board that is open.
 *
 * @param {import('../socket.js').Socket} socket
 */
export function registerShapeHandlers(socket) {
  socket.on('shape-add', ({ kind, x, y, width, height, text, points }, ack) => {
    if (!socket.board) return ack({ error: 'no-board-open' });
    const shape = { kind, x, y, width, height, text, points };
    const shapeId = socket.board.addShape(shape);
    if (!shapeId) return ack({ error: 'board-full' });
    socket.board.broadcast('shape-added', { userId: socket.user.id, shape: { id: shapeId, ...shape } });
    ack({ shapeId });
  });
}
