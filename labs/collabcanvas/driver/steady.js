import { createPace } from '../../driving/pace.js';
import { CanvasClient } from './canvas-client.js';
import { createCounts } from './counts.js';
import { readMetric, waitForDisconnects } from './server-metrics.js';
import { Visitor } from './visitor.js';

/**
 * Users who stay connected and visit one board after another. Between two rounds they are on no board.
 *
 * @param {{ url: string, clients: number, seed: number }} options
 */
export async function connectSteadyUsers({ url, clients, seed }) {
  const counts = createCounts();
  const users = await Promise.all(
    Array.from({ length: clients }, async (_, number) => {
      const visitor = new Visitor(number, seed, counts);
      const client = await CanvasClient.connect(url, visitor.userId);
      counts.connects++;
      return { client, visitor };
    }),
  );

  return {
    counts,
    /** @param {{ ops: number, opsPerSecond: number }} round */
    async drive({ ops, opsPerSecond }) {
      const pace = createPace(opsPerSecond);
      await Promise.all(
        users.map(async ({ client, visitor }, number) => {
          for (let op = number; op < ops; op += clients) {
            await pace();
            await visitor.visit(client);
          }
          await visitor.leave(client);
        }),
      );
    },
    async close() {
      const disconnectsBefore = await readMetric(url, 'websocket_disconnect_total');
      await Promise.all(
        users.map(async ({ client, visitor }) => {
          await client.close();
          visitor.disconnected();
        }),
      );
      await waitForDisconnects(url, disconnectsBefore + users.length);
    },
  };
}
