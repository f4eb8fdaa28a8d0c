import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { distances } from '../../analysis/distances.ts';
import { dominators } from '../../analysis/dominators.ts';
import { meaningTree } from '../../analysis/meaning-tree.ts';
import { bytesSource } from '../../base/byte-source.ts';
import { choppedSource } from '../../base/chopped-source.ts';
import { countAllocations } from '../../base/count-allocations.ts';
import { FormatError } from '../../base/errors.ts';
import { unpack } from '../../base/unpack.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { openFile } from '../../sources/file.ts';
import { gunzip } from '../../sources/gunzip.ts';
import { DIALECTS, joinSections, type Sections, snapshotJson, snapshotSections } from './draw-snapshot.ts';
import { viewOfGraph } from './plain-view.ts';
import { readHeapSnapshot } from './read.ts';

const HEAP = `
  root -!global-> g:Object -.list-> list:Array -[]-> a*40:closure"run"<app/x.js:1:1> -.x-> b*:string"text"
  root -[1]-> roots:synthetic"(GC roots)" -[2]-> list
`;
const JSON_TEXT = snapshotJson(HEAP);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string, partial: boolean = false): Promise<HeapGraph> =>
  readHeapSnapshot(bytesSource(encode(text), 'a.heapsnapshot'), { partial });

async function errorOf(reading: Promise<unknown>): Promise<FormatError> {
  const error = await reading.then(
    () => new Error('no error'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FormatError)) throw error;
  return error;
}

/** Where a number of a section stands: record and field by their place. */
function placeOf(text: string, section: string, nth: number): number {
  const start = text.indexOf(`"${section}":[`) + section.length + 4;
  const numbers = [...text.slice(start).matchAll(/\d+/g)];
  return start + numbers[nth]!.index;
}

function withNumber(section: string, nth: number, value: number | string): { text: string; place: number } {
  const place = placeOf(JSON_TEXT, section, nth);
  const rest = JSON_TEXT.slice(place).replace(/^\d+/, '');
  return { text: `${JSON_TEXT.slice(0, place)}${value}${rest}`, place };
}

const header = (change: (header: Record<string, unknown>) => void): string => {
  const sections = snapshotSections(HEAP);
  const value = JSON.parse(sections['snapshot']!);
  change(value);
  return joinSections({ ...sections, snapshot: JSON.stringify(value) });
};

/** Whatever can be asked of a graph is within its bounds. */
function useAll(graph: HeapGraph): void {
  const { nodeCount, edgeCount, firstEdge, edgeTarget } = graph;
  expect(firstEdge.length).toBe(nodeCount + 1);
  expect(firstEdge[0]).toBe(0);
  expect(firstEdge[nodeCount]).toBe(edgeCount);
  for (let node = 0; node < nodeCount; node++) {
    expect(firstEdge[node]!).toBeLessThanOrEqual(firstEdge[node + 1]!);
  }
  expect(graph.nodeName.every((name) => name < graph.strings.length)).toBe(true);
  for (const array of [graph.edgeKind, graph.edgeName, edgeTarget]) expect(array.length).toBe(edgeCount);
  for (const array of [graph.nodeKind, graph.nodeName, graph.nodeId, graph.selfBytes, graph.detachedness]) {
    expect(array.length).toBe(nodeCount);
  }
  expect(edgeTarget.every((target) => target < nodeCount)).toBe(true);
  dominators(graph);
  distances(graph);
  meaningTree(graph);
  const describer = graph.newDescriber();
  for (let node = 0; node < nodeCount; node++) {
    expect(typeof describer.shape(node).text).toBe('string');
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) describer.label(node, edge);
  }
}

describe('a snapshot that was cut', () => {
  const ends = [
    0,
    1,
    2,
    10,
    ...['"snapshot"', '"nodes"', '"edges"', '"locations"', '"strings"'].flatMap((section) => {
      const at = JSON_TEXT.indexOf(section);
      return [at, at + 4, at + section.length + 1, at + section.length + 2, at + section.length + 30];
    }),
    JSON_TEXT.length - 20,
    JSON_TEXT.trimEnd().length - 1,
  ];

  test.each(ends)('at byte %i is an error that says so', async (end) => {
    const error = await errorOf(read(JSON_TEXT.slice(0, end)));
    expect(error).toMatchObject({ truncated: true, code: 'format-truncated', exitCode: 3, offset: end });
    expect(error.message).toContain('found the end of the file');
    expect(error.hint).toContain('--partial');
  });

  test('gives what is there when asked for, wherever it ends', async () => {
    const nodesStart = JSON_TEXT.indexOf('"nodes":[') + 9;
    const whole = viewOfGraph(await read(JSON_TEXT));
    for (let end = nodesStart; end < JSON_TEXT.trimEnd().length; end += 5) {
      const graph = await read(JSON_TEXT.slice(0, end), true);
      expect(graph.partial).toMatchObject({ offset: end, missing: expect.stringMatching(/./) });
      const view = viewOfGraph(graph);
      expect(view.nodes.map(({ id }) => id)).toEqual(
        whole.nodes.slice(0, view.nodes.length).map(({ id }) => id),
      );
      expect(view.edges.map(({ target }) => target)).toEqual(
        whole.edges.slice(0, view.edges.length).map(({ target }) => target),
      );
      expect(view.strings).toEqual([...whole.strings.slice(0, view.strings.length - 1), '(lost string)']);
      if (end % 10 === 0) useAll(graph);
    }
  });

  test('says in words what is missing', async () => {
    const missing = async (end: number): Promise<string | undefined> =>
      (await read(JSON_TEXT.slice(0, end), true)).partial?.missing;
    expect(await missing(placeOf(JSON_TEXT, 'nodes', 71))).toMatch(
      /^nodes after the first 10 of \d+, and all references; names after the first 0; source positions$/,
    );
    expect(await missing(placeOf(JSON_TEXT, 'edges', 30) + 1)).toMatch(
      /^references after the first 10 of \d+; names after the first 0; source positions$/,
    );
    expect(await missing(JSON_TEXT.indexOf('"(GC') + 2)).toMatch(/^names after the first \d+$/);
  });

  test('before its nodes has no part that could be used', async () => {
    const end = JSON_TEXT.indexOf('"nodes"');
    expect(await errorOf(read(JSON_TEXT.slice(0, end), true))).toMatchObject({ truncated: true });
  });

  test('within its gz gives what could be unpacked', async () => {
    const packed = gzipSync(JSON_TEXT);
    for (const way of [undefined, gunzip]) {
      const source = unpack(bytesSource(packed.subarray(0, packed.length * 0.8)), 'gzip', way);
      const error = await errorOf(readHeapSnapshot(source));
      expect(error).toMatchObject({ truncated: true, offset: Math.floor(packed.length * 0.8) });
    }
  });
});

describe('counts that lie', () => {
  test.each([
    ['node_count', 1e12, 'nodes, as the header says'],
    ['node_count', 10, '10 nodes, as the header says'],
    ['node_count', 0, '0 nodes'],
    ['edge_count', 1e12, 'edges, as the header says'],
    ['edge_count', 3, '3 edges, as the header says'],
    ['node_count', Number.MAX_SAFE_INTEGER, 'nodes, as the header says'],
  ])('%s %i is an error at the end of its section', async (field, count, expected) => {
    const text = header((value) => {
      value[field] = count;
    });
    const { result: error, bytes } = await countAllocations(() => errorOf(read(text)));
    expect(error.message).toContain(expected);
    expect(error.truncated).toBe(false);
    const section = field === 'node_count' ? 'nodes' : 'edges';
    expect(error.offset).toBe(text.indexOf(']', text.indexOf(`"${section}":[`)) + 1);
    expect(bytes).toBeLessThan(text.length * 64 + 1e6);
  });

  test.each([-1, 0.5, '7', null, 1e300, true, {}])('%s is no count', async (count) => {
    const text = header((value) => {
      value['node_count'] = count;
    });
    expect(await errorOf(read(text))).toMatchObject({
      offset: text.indexOf('"snapshot":') + 11,
      message: expect.stringContaining('whole numbers'),
    });
  });

  test("nodes' edge counts that add up to more or less than there are", async () => {
    const more = withNumber('nodes', 4, 9);
    expect((await errorOf(read(more.text))).message).toContain("as the nodes' edge counts add up to");
    const fewer = withNumber('nodes', 4, 0);
    const error = await errorOf(read(fewer.text));
    expect(error.message).toContain('no more than');
    const count = JSON.parse(JSON_TEXT).edges.length / 3;
    expect(error.offset).toBe(placeOf(fewer.text, 'edges', (count - 2) * 3));
    const huge = withNumber('nodes', 4, 2 ** 32 - 2);
    expect((await errorOf(read(huge.text))).offset).toBe(placeOf(huge.text, 'nodes', 18));
  });

  test('a stream of unknown size gets no more memory for them than it holds', async () => {
    const text = header((value) => {
      value['node_count'] = 1e12;
      value['edge_count'] = 1e12;
    });
    const { bytes } = await countAllocations(() =>
      errorOf(readHeapSnapshot(choppedSource(encode(text), () => 1000))),
    );
    expect(bytes).toBeLessThan(text.length * 64 + 1e6);
  });
});

describe('a bad number is told with its place', () => {
  const stride = 7;
  const edgeTarget = 3 * 8 + 2;
  test.each([
    ['a node of an unknown type', 'nodes', stride * 5, 99, 'a node type below 16, not 99'],
    ['an edge of an unknown type', 'edges', 3 * 8, 7, 'an edge type below 7, not 7'],
    ['an edge to nowhere', 'edges', edgeTarget, stride * 1e6, 'as target of an edge, not 7000000'],
    ['an edge between two nodes', 'edges', edgeTarget, stride * 2 + 1, 'a multiple of 7 below'],
    ['an edge beyond 2^32', 'edges', edgeTarget, 2 ** 32 * stride, 'as target of an edge'],
    ['a name of 2^40', 'nodes', stride * 3 + 1, 2 ** 40, 'a number below 2^32'],
    ['an own size above 2^53', 'nodes', stride * 3 + 3, '99999999999999999999', 'a number below 2^32'],
    ['a negative number', 'nodes', stride * 3 + 3, '-16', 'a number in "nodes", found \'-\''],
    ['a fraction', 'nodes', stride * 3 + 3, '.5', 'a number in "nodes", found \'.\''],
  ])('%s', async (_, section, nth, value, expected) => {
    const { text, place } = withNumber(section, nth, value);
    const error = await errorOf(read(text));
    expect(error.message).toContain(expected);
    expect(error).toMatchObject({ offset: place, file: 'a.heapsnapshot', truncated: false, exitCode: 3 });
    for (const length of [1, 7, 100]) {
      const source = choppedSource(encode(text), () => length);
      expect((await errorOf(readHeapSnapshot(source))).offset).toBe(place);
    }
    const graph = await read(text, true);
    expect(graph.partial?.offset).toBe(place);
    useAll(graph);
    const records = Math.floor(nth / (section === 'nodes' ? stride : 3));
    expect(section === 'nodes' ? graph.nodeCount : graph.edgeCount).toBe(records);
  });

  test.each([
    ['nodes', stride * 3 + 1],
    ['edges', 3 * 2 + 1],
  ])('a name in "%s" past the strings is told where the strings end', async (section, nth) => {
    const { text } = withNumber(section, nth, 123_456);
    const error = await errorOf(read(text));
    expect(error.message).toContain('string 123456');
    expect(error.offset).toBe(text.lastIndexOf(']'));
    const graph = await read(text, true);
    expect(graph.partial?.missing).toBe('names after the first 13');
    useAll(graph);
  });
});

describe('what is no heap snapshot', () => {
  test.each([
    ['an empty file', '', 0, true],
    ['white space', ' \n ', 3, true],
    ['one bracket', '{', 1, true],
    ['two bytes', '{"', 2, true],
    ['an empty object', '{}', 1, false],
    ['a list', '[1,2]', 0, false],
    ['a text', 'hello', 0, false],
    ['HTML', '<html></html>', 0, false],
    ['a section too soon', '{"nodes":[1,2]}', 9, false],
    ['no name', '{7:1}', 1, false],
    ['no colon', '{"snapshot" 7}', 12, false],
    ['a header that is a number', '{"snapshot":7,"nodes":[]}', 12, false],
    ['a header that is no JSON', '{"snapshot":{"meta":}}', 12, false],
    ['a header without an end', `{"snapshot":${'['.repeat(200_000)}`, 200_012, true],
    ['a header that is too deep', `{"snapshot":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 12, false],
    ['a header of 2 MB', `{"snapshot":"${'x'.repeat(2 << 20)}"}`, 12 + (1 << 20), false],
    ['a name of 1 kB', `{"${'x'.repeat(1024)}":1}`, 2 + 256, false],
    ['other JSON', '{"a":[{"b":null}],"c":"d"}', 26, true],
    ['a CPU profile', '{"nodes":[{"id":1}],"startTime":1}', 9, false],
  ])('%s', async (_, text, offset, truncated) => {
    for (const partial of [false, true]) {
      expect(await errorOf(read(text, partial))).toMatchObject({ offset, truncated });
    }
  });

  test('any bytes at all', async () => {
    for (let byte = 0; byte < 256; byte++) {
      const error = await errorOf(
        readHeapSnapshot(bytesSource(new Uint8Array(300).fill(byte), 'x'), { partial: true }),
      );
      expect(error.offset).toBeLessThanOrEqual(300);
    }
  });

  test('a directory and a missing file', () => {
    expect(() => openFile(import.meta.dirname)).toThrow(
      expect.objectContaining({ code: 'file-unreadable', exitCode: 3 }),
    );
    expect(() => openFile('/no/such/file')).toThrow(
      expect.objectContaining({ code: 'file-unreadable', exitCode: 3 }),
    );
  });
});

describe('a header with strange fields', () => {
  const meta = (change: (meta: Record<string, unknown>) => void): string =>
    header((value) => change(value['meta'] as Record<string, unknown>));

  test.each<[string, (meta: Record<string, unknown>) => void]>([
    ['no node fields', (value) => delete value['node_fields']],
    ['node fields that are a text', (value) => (value['node_fields'] = 'type')],
    ['a hundred thousand node fields', (value) => (value['node_fields'] = Array(100_000).fill('x'))],
    [
      'node fields without an id',
      (value) => (value['node_fields'] = ['type', 'name', 'self_size', 'edge_count']),
    ],
    ['edge fields without a target', (value) => (value['edge_fields'] = ['type', 'name_or_index'])],
    ['no node types', (value) => delete value['node_types']],
    ['node types that are no names', (value) => (value['node_types'] = [[1, 2, 3]])],
    ['300 node types', (value) => (value['node_types'] = [Array.from({ length: 300 }, String)])],
    ['17 edge types', (value) => (value['edge_types'] = [Array.from({ length: 17 }, String)])],
    ['no location fields', (value) => (value['location_fields'] = [])],
    [
      'location fields without a line',
      (value) => (value['location_fields'] = ['object_index', 'script_id', 'column']),
    ],
    ['sample fields that are a number', (value) => (value['sample_fields'] = 5)],
    ['a trace node field that is an object', (value) => (value['trace_node_fields'] = [{}])],
  ])('%s is an error at the header', async (_, change) => {
    const text = meta((value) => void change(value));
    expect(await errorOf(read(text))).toMatchObject({ offset: text.indexOf('"snapshot":') + 11 });
  });

  test('a header that comes twice is an error, since the second would turn the tables to nonsense', async () => {
    const sections = snapshotSections(HEAP);
    const text = joinSections({ ...sections, zzz: '1' }).replace(
      '"zzz":1',
      `"snapshot":${sections['snapshot']}`,
    );
    expect((await errorOf(read(text))).message).toContain('"snapshot" only once');
    const twice = joinSections({ ...sections, zzz: '1' }).replace('"zzz":1', '"nodes":[]');
    expect((await errorOf(read(twice))).message).toContain('"nodes" only once');
  });

  test.each(['nodes', 'edges', 'strings', 'locations', 'samples', 'trace_tree', 'trace_function_infos'])(
    '"%s" that is no list is an error at its beginning',
    async (section) => {
      for (const value of ['7', '{}', '"x"', 'null']) {
        const text = joinSections({ ...snapshotSections(HEAP), [section]: value });
        expect(await errorOf(read(text))).toMatchObject({
          offset: text.indexOf(`"${section}":`) + section.length + 3,
        });
      }
    },
  );

  test.each(['nodes', 'edges', 'strings'])('a snapshot without "%s" is one that was cut', async (section) => {
    const { [section]: _, ...rest } = snapshotSections(HEAP) as Sections;
    const error = await errorOf(read(joinSections(rest)));
    expect(error.truncated || error.message.includes('"nodes" before "edges"')).toBe(true);
  });
});

describe('an allocation tree', () => {
  const withTree = (tree: string, functions = '[0,0,0,0,0,0]'): string =>
    joinSections({
      ...snapshotSections('root -> a'),
      nodes: '[9,1,1,0,1,0,0,3,2,3,16,0,5,0]',
      trace_function_infos: functions,
      trace_tree: tree,
    });

  test('a million levels deep is read without recursion', async () => {
    const depth = 1_000_000;
    const tree = `[${Array.from({ length: depth }, (_, level) => `${level + 1},0,0,0,[`).join('')}${']'.repeat(depth)}]`;
    const { allocations } = await read(withTree(tree));
    expect(allocations?.parent[depth]).toBe(depth - 1);
    expect(allocations?.traceOfNode[1]).toBe(5);
  });

  test('whose brackets do not match, or hold words, is an error at its place', async () => {
    const text = withTree('[1,0,0,0,[2,0,0,0,x]]');
    expect((await errorOf(read(text))).offset).toBe(text.indexOf('x]]'));
    expect(await errorOf(read(withTree('[1,0,0,0,[]]]')))).toMatchObject({ truncated: false });
  });

  test('with ids that come again makes no ring', async () => {
    const { allocations } = await read(withTree('[5,0,0,0,[6,0,0,0,[5,0,0,0,[6,0,0,0,[]]]]]'));
    for (let id = 5, steps = 0; id !== 0; id = allocations!.parent[id]!, steps++)
      expect(steps).toBeLessThan(3);
  });

  test('that names functions and traces that do not exist names none', async () => {
    const { allocations } = await read(withTree('[1,0,0,0,[2,77,0,0,[3,0,0,0,[]]]]'));
    expect(allocations?.traceOfNode[1]).toBe(0);
    expect([...allocations!.functionOf].every((index) => index === 0)).toBe(true);
  });

  test('with an id of four billion sizes no table by it', async () => {
    const { bytes } = await countAllocations(() =>
      read(withTree('[4294967295,0,0,0,[4000000000,0,0,0,[]]]')),
    );
    expect(bytes).toBeLessThan(1e6);
  });
});

test('a snapshot with garbage behind its end is an error there, and whole with --partial', async () => {
  const text = `${JSON_TEXT}\u0000\u0000`;
  expect(await errorOf(read(text))).toMatchObject({ offset: JSON_TEXT.length, truncated: false });
  const graph = await read(text, true);
  expect(graph.partial?.missing).toBe('nothing');
  const whole = viewOfGraph(await read(JSON_TEXT));
  expect(viewOfGraph(graph)).toEqual({ ...whole, strings: [...whole.strings, '(lost string)'] });
});

test('a chrome snapshot of nothing but a header and empty sections is an empty graph', async () => {
  const sections = snapshotSections('root', DIALECTS.chrome);
  const empty = JSON.parse(sections['snapshot']!);
  empty.node_count = 0;
  const graph = await read(
    joinSections({ ...sections, snapshot: JSON.stringify(empty), nodes: '[]', strings: '[]' }),
  );
  expect(graph.nodeCount).toBe(0);
  useAll(graph);
});
