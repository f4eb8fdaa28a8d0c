/**
 * Opens a snapshot with Stanch and computes dominators and retained sizes, and distances when asked:
 *
 *   node bench/stanch/open.mjs <snapshot> [--distances]
 */
import { distances, dominators, openFile, readHeapSnapshot } from '../../dist/index.js';

const [path, option] = process.argv.slice(2);
const graph = await readHeapSnapshot(openFile(path));
const { retainedBytes } = dominators(graph);
if (option === '--distances') distances(graph);
process.stdout.write(`${JSON.stringify({ nodes: graph.nodeCount, retainedByRoot: retainedBytes[0] })}\n`);
