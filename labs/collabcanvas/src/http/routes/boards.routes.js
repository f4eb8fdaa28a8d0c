/**
 * @param {object} services
 * @param {import('../../storage/board.store.js').BoardStore} services.boardStore
 * @param {import('../../services/collaboration/presence.service.js').PresenceService} services.presenceService
 * @returns {import('../http-server.js').Route[]}
 */
export function boardRoutes({ boardStore, presenceService }) {
  return [
    {
      method: 'GET',
      path: /^\/boards$/,
      handle: () => ({
        body: {
          boards: boardStore
            .list()
            .map((board) => ({ id: board.id, title: board.title, members: board.members.size })),
        },
      }),
    },
    {
      method: 'GET',
      path: /^\/boards\/(?<boardId>[\w-]+)$/,
      handle: ({ boardId }) => {
        const board = boardStore.find(boardId);
        if (!board) return { status: 404, body: { error: 'board-not-open' } };
        return { body: { ...board.toJSON(), presence: presenceService.usersOn(boardId) } };
      },
    },
  ];
}
