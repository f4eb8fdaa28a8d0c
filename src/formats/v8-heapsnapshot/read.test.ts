import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource, randomNumbers } from '../../base/chopped-source.ts';
import { countAllocations } from '../../base/count-allocations.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { DIALECTS, joinSections, snapshotBytes, snapshotJson, snapshotSections } from './draw-snapshot.ts';
import { viewOfGraph, viewOfJson } from './plain-view.ts';
import { readHeapSnapshot } from './read.ts';

const HEAP = `
  root -!global-> g:Object#24 -.bus-> bus:EventEmitter#64<app/bus.js:3:1> -._events-> events:Object
  events -.heartbeat-> list:Array -[]-> h*80:closure"heartbeat"#64<app/presence.js:19:30>
  h -#context-> c*:context -$socket-> s*:Socket#512@900001<net.js:301:7>
  list -#elements-> elements:array#2416 -~1-> g
  root -[1]-> roots:synthetic"(GC roots)" -[0]-> strong:synthetic"(Strong roots)" -#7-> text:string"one \\"two\\" \\u00e9\\n"
  g -?cache-> events
  g -.x-> dom:native"HTMLDivElement"+detached
`;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const readBytes = (bytes: Uint8Array): Promise<HeapGraph> => readHeapSnapshot(bytesSource(bytes));
const readText = (text: string): Promise<HeapGraph> => readBytes(encode(text));

describe.each(Object.entries(DIALECTS))('a snapshot as %s writes it', (_, dialect) => {
  const json = snapshotJson(HEAP, dialect);

  test('is read as JSON.parse reads it', async () => {
    expect(viewOfGraph(await readText(json))).toEqual(viewOfJson(json));
  });

  test('is the same graph wherever the source cuts it', async () => {
    const bytes = encode(json);
    const whole = viewOfJson(json);
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.constantFrom(1, 2, 3, 17, 300, 4096, 30_000),
        async (seed, longest) => {
          const random = randomNumbers(seed);
          const source = choppedSource(bytes, () => 1 + Math.floor(random() * longest));
          expect(viewOfGraph(await readHeapSnapshot(source))).toEqual(whole);
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });

  test('names the scripts of positions', async () => {
    const { locations, scripts } = await readText(json);
    const paths = new Set(Array.from(locations.scriptId, (id) => scripts.pathOf(id)));
    expect([...paths].sort()).toEqual(['app/bus.js', 'app/presence.js', 'net.js']);
  });
});

test('a tiny source that yields one byte at a time gives each error its place as well', async () => {
  const json = snapshotJson('root -> a');
  const place = json.indexOf('"strings":[') + '"strings":['.length;
  const broken = encode(`${json.slice(0, place)}x${json.slice(place)}`);
  await expect(readHeapSnapshot(choppedSource(broken, () => 1))).rejects.toMatchObject({ offset: place });
});

test('fields are found by name, in whatever order the header lists them', async () => {
  const json = JSON.parse(snapshotJson(HEAP, DIALECTS.chrome));
  const { meta } = json.snapshot;
  const shuffle = (fields: string, values: number[], types?: string): number[] => {
    const order = fc.sample(fc.shuffledSubarray(Object.keys(meta[fields]).map(Number), { minLength: 0 }), {
      numRuns: 1,
      seed: 5,
    })[0]!;
    const places = [...new Set([...order, ...meta[fields].keys()])] as number[];
    const stride = places.length + 1;
    const shuffled = Array.from({ length: (values.length / places.length) * stride }, (_, at) => {
      const place = places[at % stride];
      return place === undefined ? 77 : values[Math.floor(at / stride) * places.length + place]!;
    });
    meta[fields] = [...places.map((place) => meta[fields][place]), 'field_of_the_future'];
    if (types) meta[types] = [...places.map((place) => meta[types][place]), 'number'];
    return shuffled;
  };
  const whole = viewOfJson(JSON.stringify(json));
  const oldStride = meta.node_fields.length;
  json.nodes = shuffle('node_fields', json.nodes, 'node_types');
  const scale = (values: number[], step: number, at: number) =>
    values.map((value, index) => (index % step === at ? (value / oldStride) * (oldStride + 1) : value));
  json.edges = shuffle('edge_fields', scale(json.edges, 3, 2), 'edge_types');
  json.locations = shuffle('location_fields', scale(json.locations, 5, 0));
  const shuffled = JSON.stringify(json);
  expect(viewOfJson(shuffled)).toEqual(whole);
  expect(viewOfGraph(await readText(shuffled))).toEqual(whole);
});

test('a snapshot that was formatted for people is the same', async () => {
  const json = snapshotJson(HEAP);
  const whole = viewOfJson(json);
  for (const indent of ['\t', 2]) {
    const formatted = JSON.stringify(JSON.parse(json), null, indent);
    expect(viewOfGraph(await readText(formatted))).toEqual(whole);
    expect(viewOfGraph(await readText(formatted.replaceAll('\n', '\r\n')))).toEqual(whole);
  }
});

test('sections may come in another order, and unknown ones are passed over', async () => {
  const { snapshot, nodes, edges, strings, locations } = snapshotSections(HEAP);
  const text = joinSections({
    future: '{"a":[1,{"b":"]}\\"\\\\"}],"c":null}',
    strings: strings!,
    number: '-12.5e3',
    snapshot: snapshot!,
    nothing: 'null',
    locations: locations!,
    text: '"nodes\\""',
    nodes: nodes!,
    empty: '[]',
    edges: edges!,
    last: 'true',
  });
  expect(viewOfGraph(await readText(text))).toEqual(viewOfJson(text));
});

test('sections that an old V8 does not write are empty', async () => {
  const { snapshot, nodes, edges, strings } = snapshotSections('root -> a');
  const header = JSON.parse(snapshot!);
  for (const field of ['trace_function_info_fields', 'trace_node_fields', 'sample_fields', 'location_fields'])
    delete header.meta[field];
  const graph = await readText(
    joinSections({ snapshot: JSON.stringify(header), nodes: nodes!, edges: edges!, strings: strings! }),
  );
  expect(graph.nodeCount).toBe(2);
  expect(graph.locations.node.length).toBe(0);
  expect(graph.allocations).toBe(null);
  expect(graph.samples).toBe(null);
});

test('own sizes of 4 GB and more are exact, also across the end of a chunk', async () => {
  const sizes = [2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 12_345_678_901_234, 2 ** 53 - 1, 5];
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const json = snapshotJson(names.map((name, nth) => `root -> ${name}#${sizes[nth]}`).join('\n'));
  const bytes = encode(json);
  for (const longest of [1, 3, 10, 1000]) {
    const graph = await readHeapSnapshot(choppedSource(bytes, () => longest));
    expect([...graph.selfBytes]).toEqual([0, ...sizes]);
  }
});

test('a wide own size in each of many blocks costs no copy of the table each time', async () => {
  const count = 40_000;
  const bytes = snapshotBytes(`root -[]-> a*${count}#5000000000`);
  const { result, bytes: allocated } = await countAllocations(() => readBytes(bytes));
  expect(result.selfBytes[count]).toBe(5_000_000_000);
  expect(allocated).toBeLessThan(count * 200);
});

test('bytes outside the heap are told where V8 tells them', async () => {
  expect((await readText(snapshotJson('root', DIALECTS.node24))).extraNativeBytes).toBe(4096);
  expect((await readText(snapshotJson('root', DIALECTS.node20))).extraNativeBytes).toBe(0);
});

test('positions come by ascending node, one for each node', async () => {
  const sections = snapshotSections('root -> a -> b -> c');
  sections['locations'] = '[21,1,5,6,7,2,8,9,21,3,1,1,9999,1,1,1,8,1,1,1,14,4,0,4294967295]';
  const { locations } = await readText(joinSections(sections));
  expect([...locations.node]).toEqual([1, 2, 3]);
  expect([...locations.scriptId]).toEqual([2, 4, 1]);
  expect([...locations.line]).toEqual([8, 0, 5]);
  expect([...locations.column]).toEqual([9, 2 ** 32 - 1, 6]);
});

test('a read can be stopped while it runs', async () => {
  const bytes = snapshotBytes(`root -[]-> a*40000 -.x-> b*:string"some text"#100`);
  const controller = new AbortController();
  const steps: number[] = [];
  let yielded = 0;
  const endless = choppedSource(bytes, () => 1 << 16);
  const source = {
    ...endless,
    async *chunks() {
      for await (const chunk of endless.chunks()) {
        yielded++;
        yield chunk;
      }
    },
  };
  const reading = readHeapSnapshot(source, {
    signal: controller.signal,
    onProgress: (_, done) => steps.push(done),
  });
  controller.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
  expect(yielded).toBeLessThan(3);
});

test('a long read lets timers run, so that it can be stopped from outside', async () => {
  const record = '9,1,3,0,0,0,0\n,'.repeat(4_000_000 / 15);
  const head = snapshotJson('root', DIALECTS.node20).replace(/"nodes":[\s\S]*/, '"nodes":[');
  const source = {
    name: '<endless>',
    sizeBytes: null,
    async *chunks() {
      yield encode(head);
      for (;;) yield encode(record);
    },
  };
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('timer')), 1);
  await expect(readHeapSnapshot(source, { signal: controller.signal })).rejects.toThrow('timer');
}, 20_000);

test('progress tells the bytes read and, at the end, all of them', async () => {
  const bytes = snapshotBytes(HEAP);
  const steps: [string, number, number][] = [];
  await readHeapSnapshot(bytesSource(bytes), { onProgress: (...step) => steps.push(step) });
  expect(steps.at(-1)).toEqual(['read', bytes.length, bytes.length]);
});
