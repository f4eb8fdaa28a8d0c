/**
 * What a diagnosis of the planted program must find: each leak with the lines that a reader accepts as its cause and
 * the names that its path must contain. Lines are looked up in the source, so an edit cannot make them lie.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MOMENTS } from './sizes.mjs';

/**
 * @typedef {object} PlantedLeak
 * @property {string} id
 * @property {string} pattern what kind of leak it is, in words
 * @property {string[]} path what the owner's path must contain, in any case of letters
 * @property {{file: string, line: number}[]} causes lines (from 1) that name the cause: where it grows, or where it is made
 * @property {Record<string, number>} counts objects that the leak holds, by moment
 */

/** @type {readonly {id: string, pattern: string, path: string[], file: string, snippets: string[]}[]} */
const PLANTED = [
  {
    id: 'L1',
    pattern: 'listeners on a bus that are never removed',
    path: ['heartbeat'],
    file: 'presence.mjs',
    snippets: ['const heartbeatHandler = ', "this.bus.on('heartbeat', "],
  },
  {
    id: 'L2',
    pattern: 'a Map used as a cache without a limit',
    path: ['byUser'],
    file: 'preferences.mjs',
    snippets: ['export class PreferenceStore', 'this.byUser = new Map()', 'this.byUser.set('],
  },
  {
    id: 'L3',
    pattern: 'a module-level array that only grows',
    path: ['auditTrail'],
    file: 'audit-log.mjs',
    snippets: ['const auditTrail = ', 'auditTrail.push('],
  },
  {
    id: 'L4',
    pattern: 'promises that are never settled',
    path: ['waiting'],
    file: 'rpc.mjs',
    snippets: [
      'export class RpcClient',
      'this.waiting = new Map()',
      'return new Promise(',
      'this.waiting.set(',
      'async function searchBoard',
      'await rpc.call(',
    ],
  },
  {
    id: 'L5',
    pattern: 'timers that are never cleared',
    path: ['time'],
    file: 'typing.mjs',
    snippets: ['setInterval('],
  },
  {
    id: 'L6',
    pattern: 'a cache of rendered strings without a limit',
    path: ['pages'],
    file: 'render-cache.mjs',
    snippets: ['export class RenderCache', 'this.pages = new Map()', 'this.pages.set('],
  },
];

/** The service's modules, relative to this folder. */
const SERVICE = 'service/';

/** Names of healthy owners that no finding may accuse. */
const HEALTHY_OWNERS = ['features', 'thumbnails', 'buffers', 'byConnection', 'connections', 'online'];

/** Where a leak's snippets are. @param {string} file @param {string[]} snippets */
function findCauses(file, snippets) {
  const lines = readFileSync(new URL(SERVICE + file, import.meta.url), 'utf8').split('\n');
  return snippets.map((snippet) => {
    const line = lines.findIndex((text) => text.includes(snippet)) + 1;
    if (line === 0) throw new Error(`${file} no longer contains ${JSON.stringify(snippet)}`);
    return { file: SERVICE + file, line };
  });
}

/**
 * Writes `truth.json` into the folder of a set: the counts that the program wrote, with the causes.
 *
 * @param {string} folder
 */
export function writeTruth(folder) {
  const { node, joins, counts } = JSON.parse(readFileSync(join(folder, 'counts.json'), 'utf8'));
  /** @type {PlantedLeak[]} */
  const leaks = PLANTED.map(({ id, pattern, path, file, snippets }) => ({
    id,
    pattern,
    path,
    causes: findCauses(file, snippets),
    counts: Object.fromEntries(MOMENTS.map((moment) => [moment, counts[moment][id]])),
  })).filter((leak) => leak.counts.final > 0);
  const truth = { node, joins, leaks, healthy: HEALTHY_OWNERS };
  writeFileSync(join(folder, 'truth.json'), `${JSON.stringify(truth, null, 2)}\n`);
}
