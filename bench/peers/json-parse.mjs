/** A floor: the whole file as one string, parsed by the engine. `node bench/peers/json-parse.mjs <snapshot>`. */
import { readFileSync } from 'node:fs';

const { nodes, snapshot } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
process.stdout.write(`${JSON.stringify({ nodes: nodes.length / snapshot.meta.node_fields.length })}\n`);
