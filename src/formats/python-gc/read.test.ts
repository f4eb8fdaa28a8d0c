import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource } from '../../base/chopped-source.ts';
import { FormatError } from '../../base/errors.ts';
import { addressOfId, type HeapGraph, totalBytes } from '../../model/heap-graph.ts';
import { pythonCollectionKind } from './collections.ts';
import { detectPythonGc } from './detect.ts';
import { type DrawnDump, drawDump } from './draw-dump.ts';
import { service } from './drawn-service.ts';
import { readPythonGc } from './read.ts';

const read = (dump: DrawnDump) => readPythonGc(bytesSource(drawDump(dump)));

/** Labels and shapes of what the only node of a shape refers to. */
function references(graph: HeapGraph, shape: string): string[] {
  const describer = graph.newDescriber();
  const nodes = [...Array(graph.nodeCount).keys()].filter((node) => describer.shape(node).text === shape);
  expect(nodes).toHaveLength(1);
  const from = nodes[0]!;
  const told: string[] = [];
  for (let edge = graph.firstEdge[from]!; edge < graph.firstEdge[from + 1]!; edge++)
    told.push(`${describer.label(from, edge)} ${describer.shape(graph.edgeTarget[edge]!).text}`);
  return told;
}

test('a module holds its globals by name, with the dict behind it folded in', async () => {
  const graph = await read(service);
  expect(references(graph, 'module app')).toEqual([
    '[key] str',
    '.CACHE dict',
    '[key] str',
    '.handler app.handler()',
  ]);
  expect(totalBytes(graph)).toBe(service.objects.reduce((sum, { bytes }) => sum + bytes, 0));
});

test('a function names its default arguments and captured variables', async () => {
  const graph = await read(service);
  expect(references(graph, 'app.handler()')).toEqual([
    '#__code__ code',
    '#__globals__ module app',
    '#__defaults__ tuple',
    '#__closure__ tuple',
    '#__qualname__ str',
    '#__module__ str',
    '.acc= list',
    '$kept list',
  ]);
  const describer = graph.newDescriber();
  const closure = [...graph.locations.node].find((node) => describer.shape(node).text === 'app.handler()')!;
  expect(describer.shape(closure).location).toEqual({ file: 'app.py', line: 7, column: 1 });
});

test('keys and values of a dict stand in turn, and its entries are counted', async () => {
  const graph = await read(service);
  const describer = graph.newDescriber();
  const dict = [...Array(graph.nodeCount).keys()].find((node) => describer.shape(node).text === 'dict')!;
  expect(references(graph, 'dict')).toEqual(['[key] str', '[value] app.User']);
  expect(describer.entries(dict)).toBe(1);
  expect(pythonCollectionKind(graph, dict)).toBe('dict');
  expect(graph.strings.get(graph.nodeName[graph.edgeTarget[graph.firstEdge[dict]!]!]!)).toBe('user-#####');
  expect(references(graph, 'app.User')).toEqual(['.name str', '#__class__ class app.User']);
});

test('what nothing known holds hangs from (other), and a cycle is told apart', async () => {
  const graph = await read(service);
  const other = references(graph, '(other)');
  expect(other).toContain('#C code or a stack app.Lost');
  expect(other.filter((name) => name.includes('a cycle'))).toEqual([
    '#C code, or a cycle that is not collected app.Ring',
  ]);
  expect(graph.python.looseCycles.objects).toBe(2);
});

test('the format is told from its first bytes', () => {
  expect(detectPythonGc(drawDump(service))).toBe(1);
  expect(detectPythonGc(new TextEncoder().encode('stanch-python'))).toBe(0);
});

test('a file that was cut anywhere is refused, with the place', async () => {
  const whole = drawDump(service);
  for (let length = 0; length < whole.length; length++) {
    const error = await readPythonGc(bytesSource(whole.subarray(0, length))).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).offset).toBeLessThanOrEqual(length);
    expect((error as FormatError).truncated).toBe(true);
  }
});

test('the readable part of a cut file can be used', async () => {
  const whole = drawDump(service);
  const graph = await readPythonGc(bytesSource(whole.subarray(0, whole.length - 40)), { partial: true });
  expect(graph.partial?.missing).toBe('the closing block');
  expect(graph.nodeCount).toBe((await read(service)).nodeCount);
});

test('a newer version of the stream is refused by its number', async () => {
  const bytes = new TextEncoder().encode('stanch-python-gc 2\n');
  await expect(readPythonGc(bytesSource(bytes))).rejects.toThrow('found version 2');
});

test('references to objects that are not there make a dump torn', async () => {
  const torn = {
    ...service,
    references: [
      ...service.references,
      { role: 'elements' as const, owner: service.objects[0]!.address, targets: [0x99990] },
    ],
  };
  const graph = await read(torn);
  expect(graph.warnings.join()).toContain('torn: 1 references');
});

/** Random objects and references, with a slow, obvious reading beside the fast one. */
const randomDump = fc
  .record({
    count: fc.integer({ min: 1, max: 25 }),
    edges: fc.array(
      fc.record({
        owner: fc.nat(),
        role: fc.constantFrom('elements' as const, 'slots' as const),
        targets: fc.array(fc.nat(40), { maxLength: 5 }),
      }),
      { maxLength: 25 },
    ),
    bytes: fc.array(fc.integer({ min: 1, max: 1 << 20 }), { minLength: 25, maxLength: 25 }),
    rooted: fc.array(fc.nat(24), { maxLength: 3 }),
  })
  .map(({ count, edges, bytes, rooted }): DrawnDump => {
    const address = (nth: number) => 0x7f00_0000_0000 + nth * 16;
    return {
      types: [[0x1000, 'app.Thing', 0, '', 0]],
      objects: Array.from({ length: count }, (_, nth) => ({
        address: address(nth),
        type: 0x1000,
        family: 'object',
        bytes: bytes[nth]!,
      })),
      references: edges.map(({ owner, role, targets }) => ({
        role,
        owner: address(owner % count),
        targets: targets.map(address),
      })),
      roots: { modules: rooted.map((nth) => [`m${nth}`, address(nth)]), threads: [], own: [] },
    };
  });

test('sizes, references and reachability are those of an obvious reading', async () => {
  await fc.assert(
    fc.asyncProperty(randomDump, fc.integer({ min: 1, max: 50 }), async (dump, chunk) => {
      const graph = await readPythonGc(choppedSource(drawDump(dump), () => chunk));
      const addresses = new Set(dump.objects.map(({ address }) => address));
      const expected = dump.references.flatMap(({ owner, targets, role }) =>
        targets
          .filter((target) => addresses.has(target) && (role === 'elements' || target !== owner))
          .map((target) => `${owner}>${target}`),
      );
      const found: string[] = [];
      const at = (node: number) => addressOfId(graph.nodeId[node]!);
      for (let node = 7; node < graph.nodeCount; node++)
        for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++)
          found.push(`${at(node)}>${at(graph.edgeTarget[edge]!)}`);
      expect(found.sort()).toEqual(expected.sort());
      expect(totalBytes(graph)).toBe(dump.objects.reduce((sum, { bytes }) => sum + bytes, 0));
      const reached = new Set([0]);
      for (const node of reached)
        for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++)
          reached.add(graph.edgeTarget[edge]!);
      expect(reached.size).toBe(graph.nodeCount);
    }),
  );
});
