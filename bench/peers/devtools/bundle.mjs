/** Bundles Chrome DevTools' heap snapshot code, which ships as TypeScript, into one module that Node can import. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PEERS } from '../../layout.mjs';
import { PEER_VERSIONS } from '../versions.mjs';

const SOURCE = 'chrome-devtools-frontend/front_end/entrypoints/heap_snapshot_worker';

/** The bundle: exports `HeapSnapshotLoader` and `SecondaryInitManager`. */
export const DEVTOOLS_BUNDLE = join(PEERS, `devtools-${PEER_VERSIONS['chrome-devtools-frontend']}.mjs`);

/** DevTools' build writes this list of languages, the package does not carry it. Only the user interface reads it. */
const GENERATED_LOCALES = {
  name: 'generated-locales',
  /** @param {any} build esbuild's PluginBuild */
  setup(build) {
    build.onResolve({ filter: /^\.\/locales\.js$/ }, ({ path }) => ({ path, namespace: 'generated' }));
    build.onLoad({ filter: /.*/, namespace: 'generated' }, () => ({
      contents: `export const LOCALES = ['en-US'], BUNDLED_LOCALES = LOCALES, DEFAULT_LOCALE = 'en-US';
                 export const REMOTE_FETCH_PATTERN = '', LOCAL_FETCH_PATTERN = '';`,
    }));
  },
};

/** DevTools uses this; Node has it from 22 on. */
const WITH_RESOLVERS = `Promise.withResolvers ??= () => {
  const deferred = {};
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }));
  return deferred;
};`;

/** Makes the bundle when it is not there. */
export async function bundleDevTools() {
  if (existsSync(DEVTOOLS_BUNDLE)) return;
  const { build } = createRequire(join(PEERS, 'package.json'))('esbuild');
  await build({
    stdin: {
      contents: `export { HeapSnapshotLoader } from '${SOURCE}/HeapSnapshotLoader.js';
                 export { SecondaryInitManager } from '${SOURCE}/HeapSnapshot.js';`,
      resolveDir: PEERS,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: WITH_RESOLVERS },
    plugins: [GENERATED_LOCALES],
    outfile: DEVTOOLS_BUNDLE,
    logLevel: 'error',
  });
}
