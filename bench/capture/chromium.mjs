import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { CdpConnection } from './cdp.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const POLL_MS = 100;
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
];

/** The path of a Chromium on this machine (`CHROMIUM` names one), or undefined. */
export function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) =>
    existsSync(path),
  );
  return process.env.CHROMIUM ?? found;
}

/**
 * Opens the page beside this module in a fresh Chromium and writes a heap snapshot of it.
 *
 * @param {string} chromium the binary
 * @param {string} file where the snapshot goes
 */
export async function captureChromium(chromium, file) {
  const server = await servePage();
  const profile = mkdtempSync(join(tmpdir(), 'stanch-bench-chromium-'));
  const browser = spawn(chromium, [...FLAGS, `--user-data-dir=${profile}`, `${server.origin}/page.html`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const page = await connectToPage(await debuggingOrigin(browser.stderr));
    await pageReady(page);
    await writeSnapshot(page, file);
    page.close();
  } finally {
    const ended = once(browser, 'exit');
    browser.kill();
    await ended;
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Serves the page's files: a module script does not load from a `file:` address. */
async function servePage() {
  const types = { html: 'text/html', mjs: 'text/javascript' };
  const server = createServer(async (request, response) => {
    const name = basename(request.url ?? '');
    const type = types[name.split('.')[1]];
    if (!name.startsWith('page.') || !type) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type }).end(await readFile(new URL(name, import.meta.url)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** The browser prints where its debugger listens. @param {import('node:stream').Readable} stderr */
async function debuggingOrigin(stderr) {
  for await (const line of createInterface({ input: stderr })) {
    const [, host] = /DevTools listening on ws:\/\/([^/]+)/.exec(line) ?? [];
    if (host) return `http://${host}`;
  }
  throw new Error('Chromium ended without a debugging port');
}

/** @param {string} origin */
async function connectToPage(origin) {
  const targets = await (await fetch(`${origin}/json/list`)).json();
  const page = targets.find((target) => target.type === 'page');
  return CdpConnection.open(page.webSocketDebuggerUrl);
}

/** @param {CdpConnection} page */
async function pageReady(page) {
  for (;;) {
    const { result } = await page.send('Runtime.evaluate', { expression: 'globalThis.ready === true' });
    if (result.value) return;
    await wait(POLL_MS);
  }
}

/** @param {CdpConnection} page @param {string} file */
async function writeSnapshot(page, file) {
  const output = createWriteStream(file);
  page.onEvent = (method, params) => {
    if (method === 'HeapProfiler.addHeapSnapshotChunk') output.write(params.chunk);
  };
  await page.send('HeapProfiler.collectGarbage');
  await page.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  output.end();
  await once(output, 'finish');
}
