import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createCounts } from '../../labs/cloudvault/driver/counts.js';
import { createOperations, PLAN } from '../../labs/cloudvault/driver/operations.js';
import { VaultClient } from '../../labs/cloudvault/driver/vault-client.js';
import {
  missingRuntime as cloudVaultLacks,
  startBuild as startCloudVault,
} from '../../labs/cloudvault/start-build.js';
import { drive as driveCollabCanvas } from '../../labs/collabcanvas/driver.js';
import { startBuild as startCollabCanvas } from '../../labs/collabcanvas/start-build.js';
import { createRandom } from '../../labs/driving/random.js';
import { drive as driveLaFactoria } from '../../labs/lafactoria/driver.js';
import { missingRuntime as laFactoriaLacks } from '../../labs/lafactoria/missing-runtime.js';
import { startBuild as startLaFactoria } from '../../labs/lafactoria/start-build.js';
import { drive as driveTaskForge } from '../../labs/taskforge/driver.js';
import { missingRuntime as taskForgeLacks } from '../../labs/taskforge/missing-runtime.js';
import { startBuild as startTaskForge } from '../../labs/taskforge/start-build.js';
import { halfCloudVault, halfCollabCanvas, halfTaskForge } from './half-builds.mjs';

const agent = (path) => fileURLToPath(new URL(`../../agents/${path}`, import.meta.url));
/** Of La Factoria's eleven causes those that a first repair might have missed. */
const LEFT_IN_LA_FACTORIA = ['session-dict', 'unfinished-task', 'result-list'];

/**
 * The services of the labs, leaking, half repaired and fixed, each with load that is drawn by a seed. `start` gives what
 * `stanch run` measures, `session` what drives it; `done` tells from the driver's counts how much was done.
 */
export const SERVICES = {
  collabcanvas: {
    opsInRound: 25,
    missing: () => null,
    async start(build, folder) {
      const nodeArgs = ['--inspect=127.0.0.1:0'];
      const service =
        build === 'half' ? await halfCollabCanvas(folder) : await startCollabCanvas(build, { nodeArgs });
      return { ...service, target: service.pid };
    },
    session: ({ url }, seed, ops) => driveCollabCanvas({ url, clients: 20, ops, seed, keepOpen: true }),
    done: ({ joins }) => joins,
  },
  cloudvault: {
    opsInRound: 25,
    missing: cloudVaultLacks,
    async start(build, folder) {
      const service = build === 'half' ? await halfCloudVault(folder) : await startCloudVault(build);
      return { ...service, target: service.debugUrl };
    },
    session: cloudVaultSession,
    done: ({ operations }) => operations,
  },
  taskforge: {
    opsInRound: 25,
    missing: taskForgeLacks,
    async start(build, folder) {
      const options = {
        workers: 1,
        agent: agent('ruby/lib/stanch_agent.rb'),
        env: { STANCH_DIR: folder, STANCH_COOL_DOWN: '0', STANCH_KEEP: '0' },
      };
      const service = await (build === 'half'
        ? halfTaskForge(folder, options)
        : startTaskForge(build, options));
      return { ...service, target: service.workers()[0] };
    },
    session: ({ url }, seed, ops) => driveTaskForge({ url, ops, seed, keepOpen: true }),
    done: ({ requests }) => requests,
  },
  lafactoria: {
    opsInRound: 25,
    missing: laFactoriaLacks,
    async start(build) {
      const token = randomBytes(16).toString('hex');
      const causes = build === 'half' ? LEFT_IN_LA_FACTORIA : [];
      const service = await startLaFactoria(build === 'half' ? 'leaking' : build, {
        agent: agent('python/stanch_agent.py'),
        token,
        causes,
      });
      return { ...service, target: service.url, token };
    },
    session: ({ url }, seed, ops) => driveLaFactoria({ url, ops, seed, keepOpen: true }),
    done: ({ visits }) => visits,
  },
};

const TENANTS = ['acme', 'borealis', 'cygnus', 'delta'];
/** In parts, as in the incident: uploads and watches leave most behind. */
const MIX = { uploadWithProgress: 10, watch: 5, push: 6, pull: 6, changePlan: 1, abandonedUpload: 1 };
const KINDS = Object.entries(MIX).flatMap(([kind, parts]) => Array(parts).fill(kind));

/** CloudVault's own driver keeps to the incident's minutes and waits between them; this one does the same operations as fast as they go. */
async function cloudVaultSession({ url }, seed, first) {
  const random = createRandom(seed);
  const clients = TENANTS.map(
    (tenant, number) => new VaultClient(url, { tenant, device: `device-${number}` }),
  );
  const counts = createCounts();
  const setPlan = (query, plan) => clients[0].request('PUT', '/admin/plan', query, plan);
  await Promise.all(TENANTS.map((tenant) => setPlan({ tenant }, PLAN)));
  const operations = createOperations({ counts, tenants: TENANTS, setPlan });
  let done = 0;
  const session = {
    async drive({ ops }) {
      const planned = Array.from({ length: ops }, () => KINDS[random(KINDS.length)]);
      const share = async (client, number) => {
        for (let at = number; at < ops; at += clients.length) await operations[planned[at]](client);
      };
      await Promise.all(clients.map(share));
      done += ops;
      return { operations: done };
    },
    async close() {
      for (const client of clients) client.disconnect();
    },
  };
  return { ...(await session.drive({ ops: first })), session };
}
