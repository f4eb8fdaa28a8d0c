import { createApp } from './app.js';
import { loadConfig } from './config.js';

/**
 * Starts the service, says on standard output where it listens, and stops it on SIGTERM or SIGINT.
 *
 * @param {import('./app.js').PresenceModules} presenceModules
 */
export async function startServer(presenceModules) {
  const app = createApp(loadConfig(process.env, process.argv.slice(2)), presenceModules);
  const { port } = await app.listen();
  process.stdout.write(`${JSON.stringify({ listening: { port }, pid: process.pid })}\n`);

  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => app.close());
  }
}
