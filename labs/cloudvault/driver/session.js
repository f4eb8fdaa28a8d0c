import { createRandom } from '../../driving/random.js';
import { createCounts } from './counts.js';
import { incidentMinute } from './incident-minute.js';
import { createOperations, PLAN, sessionId } from './operations.js';
import { waitForMetrics } from './server-metrics.js';
import { VaultClient } from './vault-client.js';

const TENANTS = ['acme', 'borealis', 'cygnus', 'delta'];
/** What each minute of growing load adds, and keeps. */
const ADDED = { watchers: 10, slowUploads: 5, idleConnections: 10 };
const SLOW_UPLOAD = { sentBytes: 64 << 10, totalBytes: 1 << 20 };
/** Far from the numbers of the other uploads. */
const FIRST_SLOW_SESSION = 0xa0000000;

/** Clients of the service that stay connected from round to round. */
export class Session {
  #clients;
  #debugUrl;
  #isGrowing;
  #open = { idleClients: [], slowUploads: [], watches: [] };
  #openWatchers;
  #operations;
  #random;
  #slowUploads = 0;
  #url;

  /** What has been done, all rounds together. */
  counts = createCounts();

  /** @param {{ url: string, debugUrl: string, clients: number, openWatchers: number, isGrowing: boolean, seed: number }} options */
  constructor({ url, debugUrl, clients, openWatchers, isGrowing, seed }) {
    this.#url = url;
    this.#debugUrl = debugUrl;
    this.#isGrowing = isGrowing;
    this.#openWatchers = openWatchers;
    this.#random = createRandom(seed);
    this.#clients = Array.from({ length: clients }, (_, number) =>
      this.#newClient(`device-${number}`, number),
    );
    const setPlan = (query, plan) => this.#clients[0].request('PUT', '/admin/plan', query, plan);
    this.#operations = createOperations({ counts: this.counts, tenants: TENANTS, setPlan });
    this.setPlans = () => Promise.all(TENANTS.map((tenant) => setPlan({ tenant }, PLAN)));
  }

  /**
   * Drives so many minutes of the incident as fast as the service answers, and waits until it has noticed all of it.
   *
   * @param {{ minutes: number }} round
   */
  async drive({ minutes }) {
    await this.#watch(this.#openWatchers - this.#open.watches.length);
    for (let minute = 0; minute < minutes; minute++) {
      const operations = incidentMinute(this.#random);
      await Promise.all(
        this.#clients.map(async (client, number) => {
          for (let at = number; at < operations.length; at += this.#clients.length) {
            await this.#operations[operations[at]](client);
          }
        }),
      );
      if (this.#isGrowing) await this.#grow();
      this.counts.minutes++;
    }
    await this.#waitForService();
    return { ...this.counts };
  }

  /** Ends all connections and waits until nothing that a client has begun is left, but for what leaks. */
  async quiesce() {
    for (const end of [...this.#open.watches, ...this.#open.slowUploads]) end();
    for (const client of [...this.#clients, ...this.#open.idleClients]) client.disconnect();
    this.#open = { idleClients: [], slowUploads: [], watches: [] };
    await this.#waitForService({ cloudvault_http_connections_open: 0 });
  }

  async #grow() {
    await this.#watch(ADDED.watchers);
    for (let added = 0; added < ADDED.slowUploads; added++) {
      const number = this.#slowUploads++;
      const query = { session: sessionId(FIRST_SLOW_SESSION + number), progress: 'true' };
      const client = this.#newClient(`slow-${number}`, number);
      this.#open.slowUploads.push(client.startSlowUpload(query, SLOW_UPLOAD));
      this.counts.fileUploads++;
      this.counts.fileUploadsWithProgress++;
    }
    for (let added = 0; added < ADDED.idleConnections; added++) {
      const number = this.#open.idleClients.length;
      const client = this.#newClient(`idle-${number}`, number);
      this.#open.idleClients.push(client);
      await this.#operations.pull(client);
    }
  }

  async #watch(count) {
    for (let added = 0; added < count; added++) {
      const number = this.#open.watches.length;
      this.#open.watches.push(await this.#newClient(`watcher-${number}`, number).watch());
      this.counts.syncOperations++;
      this.counts.watchersStarted++;
    }
  }

  #newClient(device, number) {
    return new VaultClient(this.#url, { tenant: TENANTS[number % TENANTS.length], device });
  }

  /** Abandoned uploads have to expire: a minute is driven in less time than they have. */
  #waitForService(more = {}) {
    return waitForMetrics(this.#debugUrl, {
      cloudvault_chunked_uploads_open: 0,
      cloudvault_sync_watchers_active: this.#open.watches.length,
      cloudvault_file_uploads_active: this.#open.slowUploads.length,
      ...more,
    });
  }
}
