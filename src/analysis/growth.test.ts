import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chain, drawProcess, SERVICE, series } from '../formats/v8-heapsnapshot/draw-process.ts';
import { readHeapSnapshot } from '../formats/v8-heapsnapshot/read.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { totalBytes } from '../model/heap-graph.ts';
import { openFile } from '../sources/file.ts';
import { findGrowth, type Growth } from './growth.ts';
import { indexIds } from './id-index.ts';
import { isSameProcess } from './same-process.ts';

async function growthOf(texts: readonly string[]): Promise<Growth> {
  return growthOfGraphs(await drawProcess(texts));
}

function growthOfGraphs(graphs: readonly HeapGraph[]): Promise<Growth> {
  return findGrowth({ count: graphs.length, load: async (index) => graphs[index]! });
}

/** Sites as `holder label member: objects by dump`. */
const siteTexts = ({ census, sites }: Growth): string[] =>
  sites.map(
    ({ holderPlace, label, shape, objects }) =>
      `${census.shapeOf(holderPlace).text} ${label} ${shape.text}: ${objects.join(' ')}`,
  );
const list = `${SERVICE}
  scope -$list-> list:Array#32`;

describe('what gathers', () => {
  test('members that a holder gains are a site, with their number in each dump', async () => {
    const growth = await growthOf(
      series([10, 30, 70], (n) => `${list} -[]-> u*${n}:User#100 -.name-> name*:string"n"#20`),
    );
    expect(siteTexts(growth)).toEqual(['Array [] User: 0 20 60']);
    expect(growth.sites[0]!.bytes).toEqual([0, 20 * 120, 60 * 120]);
  });

  test('what hangs from members belongs to them and is no site of its own', async () => {
    const growth = await growthOf(
      series(
        [10, 30, 70],
        (n) => `${list} -[]-> u*${n}:User#100 -.orders-> orders*:Array -[]-> o*:Order#50 -.lines-> l*:Line`,
      ),
    );
    expect(siteTexts(growth)).toEqual(['Array [] User: 0 20 60']);
  });

  test('a linked list is one site, however long', async () => {
    const growth = await growthOf(
      series(
        [3, 300, 600],
        (n) => `${SERVICE}
        scope -$queue-> queue:Queue -.head-> head:Job
        ${chain('head', '-.next->', 'j', n, () => ':Job#40')}`,
      ),
    );
    expect(siteTexts(growth)).toEqual(['Job .next Job: 0 297 597']);
  });

  test('a holder that is replaced by a larger copy is found at the same place', async () => {
    const growth = await growthOf(
      series(
        [20, 40, 60],
        (n) => `${SERVICE}
        scope -$state-> state${n}:Array#${n * 8} -[]-> u*${n}:User#100`,
      ),
    );
    expect(siteTexts(growth)).toEqual(['Array [] User: 0 20 40']);
    // The copy itself is the store of the place.
    expect(growth.sites[0]!.storeBytes).toEqual([160, 320, 480]);
  });

  test('each of many holders gains one member: one site with many holders', async () => {
    const growth = await growthOf(
      series(
        [1, 2, 3],
        (n) => `${SERVICE}
        scope -$sockets-> sockets:Array -[]-> socket*30:Socket
        ${Array.from({ length: n }, (_, nth) => `socket -.log-> log*:Array\nlog -[]-> e${nth}_*30:Entry#40`).join('\n')}`,
      ),
    );
    expect(siteTexts(growth)).toEqual(['Array [] Entry: 0 30 60']);
  });

  test('two dumps are enough to see where', async () => {
    expect(siteTexts(await growthOf(series([10, 50], (n) => `${list} -[]-> u*${n}:User#100`)))).toEqual([
      'Array [] User: 0 40',
    ]);
  });

  test('entries are those of the whole collection, old ones included', async () => {
    const { entries, last } = await growthOf(
      series(
        [10, 30, 70],
        (n) => `${SERVICE}
        scope -$users-> users:Map#32 -#table-> table:array#100
        table -#key-> k*${n}:string"id"#20
        table -#value-> u*${n}:User#100`,
      ),
    );
    const table = [...last.nodeName].findIndex((_, node) => last.nodeKinds[last.nodeKind[node]!] === 'array');
    expect(entries.get(last.nodeId[table]!)).toEqual([10, 30, 70]);
  });
});

describe('what does not', () => {
  test('churn is naught: objects that are replaced one for one are no growth, whatever their number', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 0, max: 60 }),
        async (fresh, kept) => {
          const growth = await growthOf(
            ['a', 'b', 'c'].map(
              (name) => `${list} -[]-> kept*${kept}:User#100, ${name}*${fresh}:User#100
            ${name} -.cart-> cart${name}*:Cart#50`,
            ),
          );
          expect(growth.sites).toEqual([]);
          expect(growth.totalBytes[0]).toBe(growth.totalBytes[2]);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('a least-recently-used cache at its cap', async () => {
    const growth = await growthOf(
      [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'd'],
      ].map(
        (groups) => `${SERVICE}
        scope -$cache-> cache:Map#32 -#table-> table:array#9000
        ${groups.map((group) => `table -#key-> k${group}*200:string"k"#20\ntable -#value-> ${group}*200:Page#900`).join('\n')}`,
      ),
    );
    expect(growth.sites).toEqual([]);
  });

  test('fewer than eight new members', async () => {
    expect((await growthOf(series([10, 13, 17], (n) => `${list} -[]-> u*${n}:User#100`))).sites).toEqual([]);
    expect((await growthOf(series([10, 13, 18], (n) => `${list} -[]-> u*${n}:User#100`))).sites).toHaveLength(
      1,
    );
  });

  test('code and feedback of the engine have an account of their own', async () => {
    const growth = await growthOf(
      series(
        [10, 50, 90],
        (n) => `${list}
        root -[]-> strong:synthetic"(Strong roots)" -[]-> cache:code"(cache)" -#0-> c*${n}:code"(code)"#500`,
      ),
    );
    expect(growth.sites).toEqual([]);
    expect(growth.engineBytes).toEqual([0, 20_000, 40_000]);
  });
});

describe('objects that grow themselves', () => {
  test('an old store that grew is told with its size in each dump', async () => {
    const growth = await growthOf(
      series(
        [1000, 41_000, 81_000],
        (bytes) => `${list} -#elements-> store:array"(object elements)"#${bytes}`,
      ),
    );
    // Its size counts as that of the array that it serves.
    expect(growth.ownGrowth.map(({ bytes }) => bytes)).toEqual([[1032, 41_032, 81_032]]);
    expect(growth.last.nodeKinds[growth.last.nodeKind[growth.ownGrowth[0]!.nodes[0]!]!]).toBe('object');
  });

  test('those of one place are told together, and small changes are not', async () => {
    const growth = await growthOf(
      series(
        [0, 5000, 10_000],
        (grown) => `${SERVICE}
        scope -$rings-> rings:Array#32 -[]-> ring*3:Ring#${1000 + grown}, other*3:Other#${1000 + grown / 10}`,
      ),
    );
    expect(growth.ownGrowth).toHaveLength(1);
    expect(growth.ownGrowth[0]).toMatchObject({ bytes: [3000, 18_000, 33_000] });
    expect(growth.ownGrowth[0]!.nodes).toHaveLength(3);
  });
});

test('every byte is in one account: sites, their stores, the engine, the rest, and old objects that changed', async () => {
  const size = fc.integer({ min: 0, max: 60 });
  const dump = fc.record({
    users: size,
    logs: size,
    code: size,
    lonely: size,
    store: fc.nat(20_000),
    small: fc.nat(3000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(dump, { minLength: 2, maxLength: 4 }), async (dumps) => {
      const graphs = await drawProcess(
        dumps.map(
          ({ users, logs, code, lonely, store, small }, at) => `${SERVICE}
          scope -$users-> users${at % 2}:Array#${users * 8} -[]-> u*${users}:User#100 -.name-> name*:string"n"#20
          scope -$log-> log:Array#${small} -#elements-> elements:array#${store}
          log -[]-> l*${logs}:Line#70, churn${at}*${logs}:Line#70
          root -[]-> strong:synthetic"(Strong roots)" -[]-> cache:code"(cache)" -#0-> c*${code}:code"(code)"#500
          lost:Lost#33 -.x-> x*${lonely}:Lonely#10`,
        ),
      );
      const growth = await growthOfGraphs(graphs);
      const last = dumps.length - 1;
      const gain = (series: readonly number[]): number => series[last]! - series[0]!;
      const stores = new Map(growth.sites.map((site) => [site.holderPlace, site.storeBytes]));
      const accounted =
        growth.sites.reduce((sum, site) => sum + gain(site.bytes), 0) +
        [...stores.values()].reduce((sum, bytes) => sum + gain(bytes), 0) +
        gain(growth.engineBytes) +
        gain(growth.otherBytes);
      // What is not counted: old objects, and what nothing holds.
      const [a, b] = [graphs[0]!, graphs[last]!];
      const uncounted = (graph: HeapGraph, other: HeapGraph, reached: ReadonlySet<number>): number =>
        [...graph.nodeId].reduce(
          (sum, id, node) =>
            sum + (other.nodeId.includes(id) || !reached.has(node) ? graph.selfBytes[node]! : 0),
          0,
        );
      const rest = uncounted(b, a, reachedIn(b)) - uncounted(a, b, reachedIn(a));
      expect(accounted + rest).toBe(totalBytes(b) - totalBytes(a));
      expect(growth.totalBytes).toEqual(graphs.map(totalBytes));
    }),
    { numRuns: 40 },
  );
});

function reachedIn(graph: HeapGraph): Set<number> {
  const cost = graph.traversal.newCost();
  const reached = new Set([0]);
  for (const node of reached) {
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
      if (cost(node, edge) > 0) reached.add(graph.edgeTarget[edge]!);
    }
  }
  return reached;
}

describe('dumps of different processes', () => {
  const drawn = (n: number, first: string) => `
    root -!1-> global:global
    ${first} -.list-> list:Array#32 -[]-> u*${n}:User#100`;

  test('are compared by class and path, never by id', async () => {
    const [a] = await drawProcess([drawn(200, 'global')]);
    // The same program, in which everything has the id of something else.
    const [b] = await drawProcess([
      `root -.other-> other:Other -.more-> x*40:string"x"\n${drawn(300, 'global')}`,
    ]);
    const growth = await growthOfGraphs([a!, b!]);
    expect(growth.sameProcess).toBe(false);
    expect(growth.isOldInLast).toBe(null);
    expect(siteTexts(growth)).toContain('Array [] User: 200 300');
  });

  test('are told apart even when almost all objects are of one class and have the ids of their likes', async () => {
    const heap = (start: number, classes: string): string => `
      root -!1-> global:global -.list-> list:Array
      list -[]-> first*${start}:Row
      ${Array.from({ length: 60 }, (_, nth) => `global -.${classes}${nth}-> c${nth}_:${classes}${nth}`).join('\n')}
      list -[]-> row*5000:Row`;
    const [a] = await drawProcess([heap(7, 'Left')]);
    const [b] = await drawProcess([heap(7, 'Right')]);
    expect(isSameProcess(a!, indexIds(a!.nodeId), b!)).toBe(false);
    const [c, d] = await drawProcess([heap(7, 'Left'), heap(7, 'Left')]);
    expect(isSameProcess(c!, indexIds(c!.nodeId), d!)).toBe(true);
  });

  test('that have no id in common are of different processes', async () => {
    const [a] = await drawProcess(['root -.a-> a:A']);
    expect(isSameProcess(a!, indexIds(Uint32Array.of(1001)), a!)).toBe(false);
  });
});

describe('real processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stanch-growth-'));
  const program = join(folder, 'program.mjs');
  const at = (name: string): string => join(folder, `${name}.heapsnapshot`);
  const read = async (name: string): Promise<HeapGraph> => readHeapSnapshot(openFile(at(name)));

  beforeAll(() => {
    writeFileSync(
      program,
      // What is on the stack while a dump is written would hang from there.
      `import { writeHeapSnapshot } from 'node:v8';
       import { setTimeout } from 'node:timers/promises';
       class Point { constructor(n) { this.x = { n }; this.y = { n }; } }
       globalThis.points = [];
       const grow = () => { for (let n = 0; n < 3000; n++) points.push(new Point(n)); };
       for (const file of process.argv.slice(2)) {
         grow();
         await setTimeout(1);
         writeHeapSnapshot(file);
       }`,
    );
    execFileSync(process.execPath, [program, at('A1'), at('A2')]);
    execFileSync(process.execPath, [program, at('B1'), at('B2')]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('two dumps of one process are of one process, and its growth is exact', async () => {
    const growth = await growthOfGraphs([await read('A1'), await read('A2')]);
    expect(growth.sameProcess).toBe(true);
    expect(siteTexts(growth)).toContain('Array [] Point: 0 3000');
  });

  test('dumps of two processes of one program, which do the same in the same order, are not', async () => {
    for (const other of ['B1', 'B2']) {
      const [first, last] = [await read('A1'), await read(other)];
      expect(isSameProcess(first, indexIds(first.nodeId), last)).toBe(false);
    }
  });

  test('between two processes the growth is found by path and class', async () => {
    const growth = await growthOfGraphs([await read('A1'), await read('B2')]);
    expect(growth.sameProcess).toBe(false);
    expect(siteTexts(growth)).toContain('Array [] Point: 3000 6000');
  });
});
