import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ORACLE } from '../../layout.mjs';
import { NODE_FLAGS } from '../node-flags.mjs';

const DUMP = fileURLToPath(new URL('./dump.mjs', import.meta.url));

/**
 * @typedef {object} NodeArrays what is known about every node, by node ordinal
 * @property {Uint32Array} idom immediate dominators
 * @property {Float64Array} retained retained bytes
 * @property {Float64Array | Uint32Array} self own bytes, owned sizes moved to their owner
 * @property {Int32Array} distance steps from the user's roots; -5 is unreachable
 * @property {Uint32Array} [classOf] index into `classes`
 * @property {string[]} [classes] names of classes
 */

/**
 * What DevTools computes for a snapshot, from the disk when it was computed before. DevTools runs in a process of its
 * own: its heap would not fit beside another one.
 *
 * @param {string} name of the folder that keeps the result
 * @param {string} path of the snapshot
 * @returns {NodeArrays}
 */
export function oracleArrays(name, path) {
  const folder = join(ORACLE, name);
  const stamp = join(folder, 'stamp.txt');
  const { size, mtimeMs } = statSync(path);
  const wanted = `${path} ${size} ${mtimeMs}`;
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    // DevTools lists unreachable nodes on stderr; that matters only when it fails.
    const { status, stderr } = spawnSync(process.execPath, [...NODE_FLAGS, DUMP, path, folder], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`DevTools could not read ${path}: ${stderr}`);
    writeFileSync(stamp, wanted);
  }
  /** A copy, because a small file's Buffer may start anywhere in a shared pool. @param {string} file */
  const bytes = (file) => new Uint8Array(readFileSync(join(folder, file))).buffer;
  return {
    idom: new Uint32Array(bytes('idom.u32')),
    retained: new Float64Array(bytes('retained.f64')),
    self: new Float64Array(bytes('self.f64')),
    distance: new Int32Array(bytes('distance.i32')),
    classOf: new Uint32Array(bytes('class.u32')),
    classes: JSON.parse(readFileSync(join(folder, 'classes.json'), 'utf8')),
  };
}
