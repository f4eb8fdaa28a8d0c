/**
 * A program whose heap holds the rare cases of the rules for dominators, sizes and distances:
 *
 *   node bench/capture/corners.mjs <snapshot> [--internals]
 *
 * With `--internals` (Node 20 and newer) the snapshot shows V8's own objects, which switches the transfer of sizes off.
 */
import { EventEmitter } from 'node:events';
import { writeHeapSnapshot } from 'node:v8';
import { createContext, runInContext } from 'node:vm';

const EXTERNAL_STRING_BYTES = 2_000_000;
const PAIRS = 200;

const [path, option] = process.argv.slice(2);

// Ephemerons: the key and the table hold the value together, also in chains and in both directions.
const keys = Array.from({ length: PAIRS }, (_, serial) => ({ serial }));
const chained = new WeakMap(keys.map((key, serial) => [key, keys[serial + 1] ?? key]));
const backwards = new WeakMap(keys.map((key, serial) => [keys[PAIRS - 1 - serial], { back: key }]));
// The names of such references carry the value's text, and a line break in it ends the match.
const named = new WeakMap(keys.map((key, serial) => [key, ['flat', serial, '(in) @3 lines'].join('\n')]));
const twice = [new WeakMap([[keys[0], named]]), new WeakMap([[keys[0], named]])];

// Other global objects, whose functions reach back into ours.
const contexts = Array.from({ length: 3 }, () => createContext({ keys, EventEmitter }));
const foreign = contexts.map((context) =>
  runInContext('class Foreign { list = keys }; new Foreign()', context),
);

globalThis.corners = {
  keys,
  weak: [chained, backwards, named, ...twice, new WeakRef(keys[1]), new WeakSet(keys)],
  foreign,
  contexts,
  // Text that V8 keeps outside its heap, shared by two slices and a rope.
  external: Buffer.alloc(EXTERNAL_STRING_BYTES, 'x').toString('latin1'),
  registry: new FinalizationRegistry(() => {}),
  proxy: new Proxy(keys, {}),
  bound: writeHeapSnapshot.bind(null, path),
  buffers: [new ArrayBuffer(4_096), new SharedArrayBuffer(4_096), new Float64Array(512)],
  holes: Object.assign([], { 5: 'five', 1000: 'far' }),
  wide: 2n ** 4_096n,
  symbols: { [Symbol('own')]: 1, [Symbol.for('shared')]: 2 },
};
Object.assign(globalThis.corners, {
  slice: globalThis.corners.external.slice(10, -10),
  rope: `${globalThis.corners.external}${path}`,
});
for (const key of keys) globalThis.corners.registry.register(key, { held: key.serial });

writeHeapSnapshot(path, option === '--internals' ? { exposeInternals: true, exposeNumericValues: true } : {});
