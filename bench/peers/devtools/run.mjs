/** Opens a snapshot with DevTools' code and makes its summary by class: `node bench/peers/devtools/run.mjs <snapshot>`. */
import { openWithDevTools } from './open.mjs';

const snapshot = await openWithDevTools(process.argv[2]);
const classes = Object.keys(snapshot.aggregatesWithFilter({})).length;
process.stdout.write(
  `${JSON.stringify({ nodes: snapshot.nodeCount, classes, retainedByRoot: snapshot.retainedSizes[0] })}\n`,
);
