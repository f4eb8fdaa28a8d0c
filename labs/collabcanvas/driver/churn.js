import { createPace } from '../../driving/pace.js';
import { CanvasClient } from './canvas-client.js';
import { createCounts } from './counts.js';
import { readMetric, waitForDisconnects } from './server-metrics.js';
import { Visitor } from './visitor.js';

/**
 * Users who connect, visit one board and disconnect; half of them close the tab without leaving the board.
 *
 * @param {{ url: string, clients: number, ops: number, opsPerSecond: number, seed: number }} options
 */
export async function churn({ url, clients, ops, opsPerSecond, seed }) {
  const counts = createCounts();
  const pace = createPace(opsPerSecond);
  const disconnectsBefore = await readMetric(url, 'websocket_disconnect_total');

  await Promise.all(
    Array.from({ length: clients }, async (_, number) => {
      const visitor = new Visitor(number, seed, counts);
      for (let op = number; op < ops; op += clients) {
        await pace();
        const client = await CanvasClient.connect(url, visitor.userId);
        counts.connects++;
        await visitor.visit(client);
        await client.close();
        visitor.disconnected();
      }
    }),
  );
  await waitForDisconnects(url, disconnectsBefore + counts.disconnects);
  return counts;
}
