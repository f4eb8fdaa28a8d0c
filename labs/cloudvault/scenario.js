import { fileURLToPath } from 'node:url';
import { createRandom } from '../driving/random.js';
import { createCounts } from './driver/counts.js';
import { createOperations, PLAN } from './driver/operations.js';
import { waitForMetrics } from './driver/server-metrics.js';
import { VaultClient } from './driver/vault-client.js';
import { startBuild } from './start-build.js';

const TENANTS = ['acme', 'borealis', 'cygnus', 'delta'];
const CLIENTS = 4;
/** How much of each there is at most in a round, in parts; how much there is, chance says for each round anew. */
const KINDS = { uploadWithProgress: 10, watch: 10, push: 6, pull: 6, changePlan: 3, abandonedUpload: 2 };

/**
 * For `stanch run labs/cloudvault/scenario.js`: devices upload, sync and watch, in another mix each round, so that what goes with
 * the uploads can be told from what goes with the watches. `STANCH_LAB_BUILD=fixed` runs the repaired build.
 */
export const name = 'operation';
export const ops = 200;
export const source = fileURLToPath(new URL('.', import.meta.url));

let driver;

export async function start() {
  const service = await startBuild(process.env.STANCH_LAB_BUILD ?? 'leaking');
  return { url: service.url, debugUrl: service.debugUrl, target: service.debugUrl, stop: service.stop };
}

export async function setup({ service }) {
  const clients = Array.from(
    { length: CLIENTS },
    (_, number) => new VaultClient(service.url, { tenant: TENANTS[number], device: `device-${number}` }),
  );
  const counts = createCounts();
  const setPlan = (query, plan) => clients[0].request('PUT', '/admin/plan', query, plan);
  await Promise.all(TENANTS.map((tenant) => setPlan({ tenant }, PLAN)));
  const operations = createOperations({ counts, tenants: TENANTS, setPlan });
  driver = { clients, counts, operations, random: createRandom(1) };
}

export async function round(wanted, { service, signal }) {
  const { clients, counts, operations, random } = driver;
  const before = { ...counts };
  const parts = Object.entries(KINDS).flatMap(([kind, most]) => Array(1 + random(most)).fill(kind));
  const planned = Array.from({ length: wanted }, () => parts[random(parts.length)]);
  await Promise.all(
    clients.map(async (client, number) => {
      for (let at = number; at < planned.length && !signal.aborted; at += CLIENTS) {
        await operations[planned[at]](client);
      }
    }),
  );
  await waitForMetrics(service.debugUrl, {
    cloudvault_chunked_uploads_open: 0,
    cloudvault_sync_watchers_active: 0,
    cloudvault_file_uploads_active: 0,
  });
  const done = (count) => counts[count] - before[count];
  return {
    operation: wanted,
    'upload with progress': done('fileUploadsWithProgress'),
    watch: done('watchersStarted'),
    'plan change': done('planChanges'),
    'abandoned upload': done('chunkedAbandoned'),
  };
}

export function teardown() {
  for (const client of driver?.clients ?? []) client.disconnect();
}
