/**
 * Writes what DevTools computes for every node of a snapshot as raw little-endian arrays by node ordinal:
 *
 *   node bench/peers/devtools/dump.mjs <snapshot> <folder>
 *
 * idom.u32 ordinal of the immediate dominator, retained.f64 retained bytes, self.f64 self bytes after DevTools' transfer
 * of owned sizes, distance.i32 (-5 is unreachable), class.u32 index into classes.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWithDevTools } from './open.mjs';

const [path, folder] = process.argv.slice(2);
const snapshot = await openWithDevTools(path);
const { nodeCount, nodeFieldCount, nodes, nodeSelfSizeOffset } = snapshot;

const self = new Float64Array(nodeCount);
const classes = new Uint32Array(nodeCount);
/** @type {Map<string, number>} */
const classNames = new Map();
const node = snapshot.createNode(0);
for (let ordinal = 0; ordinal < nodeCount; ordinal += 1) {
  self[ordinal] = nodes.getValue(ordinal * nodeFieldCount + nodeSelfSizeOffset);
  node.nodeIndex = ordinal * nodeFieldCount;
  const name = node.className();
  const known = classNames.get(name) ?? classNames.size;
  classNames.set(name, known);
  classes[ordinal] = known;
}

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'idom.u32'), snapshot.dominatorsTree);
writeFileSync(join(folder, 'retained.f64'), snapshot.retainedSizes);
writeFileSync(join(folder, 'self.f64'), self);
writeFileSync(join(folder, 'distance.i32'), snapshot.nodeDistances);
writeFileSync(join(folder, 'class.u32'), classes);
writeFileSync(join(folder, 'classes.json'), JSON.stringify([...classNames.keys()]));
process.stdout.write(`${JSON.stringify({ nodes: nodeCount, retainedByRoot: snapshot.retainedSizes[0] })}\n`);
