/**
 * @param {{ metrics: import('../../metrics/metrics.js').Metrics }} services
 * @returns {import('../http-server.js').Route[]}
 */
export function metricsRoutes({ metrics }) {
  return [
    {
      method: 'GET',
      path: /^\/metrics$/,
      handle: async () => ({
        contentType: metrics.registry.contentType,
        body: await metrics.registry.metrics(),
      }),
    },
  ];
}
