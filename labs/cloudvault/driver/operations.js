const SMALL_BYTES = 8 << 10;
const LARGE_BYTES = 256 << 10;
const CHUNK_BYTES = 16 << 10;
const CHUNKS = 3;
const FILES_PER_DEVICE = 40;
const PLAN = { requestsPerSecond: 1_000_000, burst: 1_000_000 };

/** @param {number} number */
export const sessionId = (number) => number.toString(16).padStart(8, '0');

/**
 * The operations of the workload. Each resolves when the service has answered.
 *
 * @param {object} options
 * @param {import('./counts.js').Counts} options.counts
 * @param {readonly string[]} options.tenants
 * @param {(query: { tenant: string }, plan: object) => Promise<unknown>} options.setPlan
 * @returns {Record<string, (client: import('./vault-client.js').VaultClient) => Promise<void>>}
 */
export function createOperations({ counts, tenants, setPlan }) {
  let sessions = 0;
  const nextSession = () => sessionId(++sessions);
  let cursor = 0;

  async function beginChunked(client, chunks) {
    const session = nextSession();
    await client.request('POST', '/v1/uploads', { session, size: CHUNKS * CHUNK_BYTES });
    counts.chunkedInitiated++;
    for (let chunk = 0; chunk < chunks; chunk++) {
      await client.request('PUT', '/v1/uploads/chunk', { session, chunk }, Buffer.alloc(CHUNK_BYTES, chunk));
    }
    return session;
  }

  return {
    async upload(client) {
      await client.request('POST', '/v1/files', { session: nextSession() }, Buffer.alloc(SMALL_BYTES, 1));
      counts.fileUploads++;
    },
    async uploadWithProgress(client) {
      const query = { session: nextSession(), progress: 'true' };
      await client.request('POST', '/v1/files', query, Buffer.alloc(LARGE_BYTES, 2));
      counts.fileUploads++;
      counts.fileUploadsWithProgress++;
    },
    async chunkedUpload(client) {
      const session = await beginChunked(client, CHUNKS);
      await client.request('POST', '/v1/uploads/complete', { session });
      counts.chunkedCompleted++;
    },
    async abandonedUpload(client) {
      await beginChunked(client, CHUNKS - 1);
      counts.chunkedAbandoned++;
    },
    async push(client) {
      const file = `/${client.device}/${counts.syncOperations % FILES_PER_DEVICE}.txt`;
      const change = await client.request('POST', '/v1/sync/push', {}, { file, sizeBytes: SMALL_BYTES });
      cursor = Math.max(cursor, change.sequence);
      counts.syncOperations++;
    },
    async pull(client) {
      await client.request('GET', '/v1/sync/pull', { cursor });
      counts.syncOperations++;
    },
    async watch(client) {
      const disconnect = await client.watch();
      disconnect();
      counts.syncOperations++;
      counts.watchersStarted++;
    },
    async changePlan() {
      await setPlan({ tenant: tenants[counts.planChanges % tenants.length] }, PLAN);
      counts.planChanges++;
    },
  };
}

export { PLAN };
