import { createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** In this order: counts first, what stops the process later, and what marks goroutines for good at the very end. */
const CAPTURES = [
  ['metrics.txt', '/metrics'],
  ['goroutine-debug1.txt', '/debug/pprof/goroutine?debug=1'],
  ['goroutine.pb.gz', '/debug/pprof/goroutine'],
  ['goroutine-debug2.txt', '/debug/pprof/goroutine?debug=2'],
  ['heap.pb.gz', '/debug/pprof/heap?gc=1'],
  ['heap-debug1.txt', '/debug/pprof/heap?debug=1'],
  ['allocs.pb.gz', '/debug/pprof/allocs'],
];
const LEAK_PROFILE = ['goroutineleak.pb.gz', '/debug/pprof/goroutineleak'];

/**
 * Fetches what the process tells about its goroutines and its memory into `folder/label/`, each file readable by
 * its owner only.
 *
 * @param {string} debugUrl
 * @param {string} folder
 * @param {string} label such as `A`
 * @param {object} [options]
 * @param {boolean} [options.leakProfile] also the runtime's own leak profile, if it has one. From then on its marks
 *   stand in all stack dumps of the process.
 * @returns {Promise<string[]>} the files, sorted
 */
export async function captureAll(debugUrl, folder, label, { leakProfile = false } = {}) {
  const target = join(folder, label);
  await mkdir(target, { recursive: true, mode: 0o700 });
  for (const [name, path] of CAPTURES) {
    if (!(await download(new URL(path, debugUrl), join(target, name)))) {
      throw new Error(`The service has no ${path}`);
    }
  }
  if (leakProfile) await download(new URL(LEAK_PROFILE[1], debugUrl), join(target, LEAK_PROFILE[0]));
  return (await readdir(target)).sort().map((name) => join(target, name));
}

/** A connection of its own for each, closed at once: a kept one would stand in the next capture. */
async function download(url, file) {
  const response = await new Promise((resolve, reject) => {
    get(url, { agent: false }, resolve).on('error', reject);
  });
  if (response.statusCode === 404) {
    response.resume();
    return false;
  }
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
  await pipeline(response, createWriteStream(file, { mode: 0o600 }));
  return (await stat(file)).size > 0;
}
