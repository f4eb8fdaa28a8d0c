/** @returns {import('../http-server.js').Route[]} */
export function healthRoutes() {
  return [
    {
      method: 'GET',
      path: /^\/healthz$/,
      handle: () => ({ body: { status: 'ok', uptimeSeconds: Math.round(process.uptime()) } }),
    },
  ];
}
