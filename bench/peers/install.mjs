/** Installs the peers into a folder of their own: `node bench/peers/install.mjs`. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PEERS } from '../layout.mjs';
import { bundleDevTools } from './devtools/bundle.mjs';
import { NODE_VERSIONS, PEER_VERSIONS } from './versions.mjs';

/** A Node binary of a major comes as a package for the platform, under an alias of our own. */
const NODE_ALIASES = Object.fromEntries(
  Object.entries(NODE_VERSIONS).map(([major, version]) => [
    `node${major}`,
    `npm:node-${process.platform}-${process.arch}@${version}`,
  ]),
);

/** Installs what is missing; does nothing when everything is there in the wanted versions. */
export async function installPeers() {
  const manifest = join(PEERS, 'package.json');
  const dependencies = { ...PEER_VERSIONS, ...NODE_ALIASES };
  const wanted = `${JSON.stringify({ name: 'bench-peers', private: true, dependencies }, null, 2)}\n`;
  const installed = join(PEERS, 'node_modules', '.package-lock.json');
  if (!existsSync(installed) || readFileSync(manifest, 'utf8') !== wanted) {
    mkdirSync(PEERS, { recursive: true });
    writeFileSync(manifest, wanted);
    // No install scripts: they would download browsers that nothing here needs.
    const { status } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: PEERS,
      stdio: ['ignore', process.stderr, process.stderr],
      shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error('npm install of the peers failed');
  }
  await bundleDevTools();
}

/** The Node binary of a major. @param {number | string} major */
export function nodeBinary(major) {
  return join(
    PEERS,
    'node_modules',
    `node${major}`,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await installPeers();
