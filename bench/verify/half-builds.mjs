import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findGo, goEnvironment } from '../../labs/cloudvault/go-runtime.js';

const LABS = new URL('../../labs/', import.meta.url);
const run = promisify(execFile);

/** CollabCanvas with the presence service repaired, and the handlers of every other connection. */
export async function halfCollabCanvas(folder) {
  const module = (path) => JSON.stringify(new URL(`collabcanvas/${path}`, LABS).href);
  const entry = join(folder, 'server.half.mjs');
  const lines = [
    `import { PresenceService } from ${module('fixed/src/services/collaboration/presence.service.js')};`,
    `import { registerPresenceHandlers as repaired } from ${module('fixed/src/websocket/handlers/presence.handler.js')};`,
    `import { registerPresenceHandlers as leaking } from ${module('src/websocket/handlers/presence.handler.js')};`,
    `import { startServer } from ${module('src/start-server.js')};`,
    'let connections = 0;',
    'const registerPresenceHandlers = (...args) => (connections++ % 2 === 0 ? repaired : leaking)(...args);',
    'await startServer({ PresenceService, registerPresenceHandlers });',
  ];
  await writeFile(entry, `${lines.join('\n')}\n`);
  const { listening, pid, stop } = await listeningChild(process.execPath, ['--inspect=127.0.0.1:0', entry]);
  return { url: `http://127.0.0.1:${listening.port}`, pid, stop };
}

const UNFIXED = '//go:build !fixed';
const FIXED = '//go:build fixed';

/** CloudVault with its uploads repaired, and its watchers and limiters as they were. */
export async function halfCloudVault(folder) {
  const lab = fileURLToPath(new URL('cloudvault', LABS));
  const program = join(folder, 'cloudvault-half');
  const storage = join(lab, 'internal', 'services', 'storage');
  const Replace = {};
  for (const [file, was, is] of [
    ['storage.go', UNFIXED, FIXED],
    ['storage_fixed.go', FIXED, UNFIXED],
  ]) {
    const text = await readFile(join(storage, file), 'utf8');
    if (!text.includes(was)) throw new Error(`${file} is not chosen by '${was}' any more`);
    Replace[join(storage, file)] = join(folder, file);
    await writeFile(join(folder, file), text.replace(was, is));
  }
  await writeFile(join(folder, 'overlay.json'), JSON.stringify({ Replace }));
  const args = ['build', '-buildvcs=false', '-overlay', join(folder, 'overlay.json'), '-o', program];
  await run(findGo(), [...args, './cmd/api'], { cwd: lab, env: goEnvironment() });
  const { listening, pid, stop } = await listeningChild(program, []);
  const address = (port) => `http://127.0.0.1:${port}`;
  return { url: address(listening.port), debugUrl: address(listening.debugPort), pid, stop };
}

/** TaskForge with only one of its two files repaired: options are no longer kept, preferences are. */
export async function halfTaskForge(folder, options) {
  const lab = join(folder, 'taskforge');
  await cp(fileURLToPath(new URL('taskforge', LABS)), lab, { recursive: true });
  await rm(join(lab, 'fixed', 'app', 'services', 'notification_service.rb'));
  const { startBuild } = await import(join(lab, 'start-build.js'));
  return startBuild('fixed', options);
}

/** @returns what the first line of its output says, and how to end it */
async function listeningChild(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(([code]) => {
      throw new Error(`the half repaired build ended with code ${code}`);
    }),
  ]);
  const stop = async () => {
    child.kill();
    await exited;
  };
  return { ...JSON.parse(line), stop };
}
