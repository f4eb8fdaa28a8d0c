import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawSnapshot } from '../formats/v8-heapsnapshot/draw-snapshot.ts';
import { drawHeap } from '../model/draw-heap.ts';
import { Heap } from './heap.ts';
import { meaningTree } from './meaning-tree.ts';
import { incomingEdges } from './retainers.ts';
import { TreeIntervals } from './tree-intervals.ts';

function stepsOf(steps: readonly { via: string; name: string }[]): string {
  return steps.map(({ via, name }) => `${via}${via ? ' ' : ''}${name}`).join(' > ');
}

function waysTo(drawing: string, handleOrClass: string): string[] {
  const { ways } = new Heap(drawHeap(drawing)).paths(handleOrClass);
  return ways.map(({ objects, sample }) => `${objects}: ${stepsOf(sample.steps)}`);
}

describe('the best path', () => {
  test('goes from the root to the object, with the reference that holds each step', () => {
    const heap = new Heap(
      drawHeap('root -.app-> a:App -.cache-> m:Map -#table-> t:array -[3]-> s:Session@77'),
    );
    expect(stepsOf(heap.path('n-77').steps)).toBe(
      '(root) > .app App > .cache Map > #table (array) > [3] Session',
    );
  });

  test('is empty for what nothing holds', () => {
    const heap = new Heap(drawHeap('root -> a:App\nb:Lost@77 -> c:Other'));
    expect(heap.path('n-77')).toEqual({ handle: 'n-77', steps: [] });
  });

  test('of a list of thousands shows its two ends and says how much is left out', () => {
    const links = Array.from({ length: 3000 }, (_, at) => `n${at}:Node@${1001 + 2 * at}`);
    const heap = new Heap(drawHeap(`root -.head-> ${links.join(' -.next-> ')}`));
    const { steps } = heap.path(`n-${1001 + 2 * 2999}`);
    expect(steps).toHaveLength(100);
    expect(steps[50]).toMatchObject({ via: '.next', skipped: 2901 });
    expect(steps[99]).toMatchObject({ handle: 'n-6999', via: '.next', skipped: 0 });
  });
});

describe('all ways of being held', () => {
  test('are the references from different places', () => {
    const drawing = `
      root -.app-> a:App -.byId-> m:Map -> s:Session@77
      a -.recent-> l:Array -[]-> s`;
    expect(waysTo(drawing, 'n-77')).toEqual([
      '1: (root) > .app App > .byId Map > .s Session',
      '1: (root) > .app App > .recent Array > [0] Session',
    ]);
  });

  test('are found above things that are held only once', () => {
    const drawing = `
      root -.app-> a:App -.cache-> m:Map -> e:Entry -.value-> s:Session@77
      a -.lru-> l:List -.head-> e`;
    expect(waysTo(drawing, 'n-77')).toEqual([
      '1: (root) > .app App > .cache Map > .e Entry > .value Session',
      '1: (root) > .app App > .lru List > .head Entry > .value Session',
    ]);
  });

  test('leave out children that know their parent, weak references and what is itself unreachable', () => {
    const drawing = `
      root -.app-> a:App -.socket-> s:Socket@77 -.handler-> h:closure -$socket-> s
      root -.registry-> r:Registry -?target-> s
      lost:Thing -.kept-> s`;
    expect(waysTo(drawing, 'n-77')).toEqual(['1: (root) > .app App > .socket Socket']);
  });

  test('count what an array holds once, though its store holds it too', () => {
    const drawing = `
      root -.app-> a:App -.list-> l:Array -[]-> s:Session@77
      l -#elements-> e:array -#0-> s`;
    expect(waysTo(drawing, 'n-77')).toEqual(['1: (root) > .app App > .list Array > [0] Session']);
  });

  test('of a class are grouped by shape, with how many objects are held in each', () => {
    const drawing = `
      root -.app-> a:App -.sessions-> m:Array -[]-> s*5:Session
      a -.audit-> l:Array -[]-> s
      root -.current-> c:Session`;
    expect(waysTo(drawing, 'Session')).toEqual([
      '5: (root) > .app App > .sessions Array > [0] Session',
      '5: (root) > .app App > .audit Array > [0] Session',
      '1: (root) > .current Session',
    ]);
  });

  test('of ten thousand list nodes are few', async () => {
    const graph = await drawSnapshot(
      `root -!global-> g:Object -.head-> n0:Node${Array.from({ length: 9999 }, (_, at) => ` -.next-> n${at + 1}:Node`).join('')}`,
    );
    expect(new Heap(graph).paths('Node').wayCount).toBeLessThan(10);
  });
});

const randomEdges = fc.integer({ min: 2, max: 14 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    edges: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 40 }),
  }),
);

function drawEdges({ count, edges }: { count: number; edges: [number, number][] }) {
  const nodes = Array.from({ length: count }, (_, at) => (at === 0 ? '' : `root -?none-> v${at}:Thing`));
  const lines = edges.map(
    ([from, to]) => `${from === 0 ? 'root' : `v${from}`} -> ${to === 0 ? 'root' : `v${to}`}`,
  );
  return drawHeap([...nodes, ...lines].join('\n'));
}

test('incoming references are those that a look at every reference finds', () => {
  fc.assert(
    fc.property(randomEdges, fc.array(fc.nat(13)), (heap, wanted) => {
      const graph = drawEdges(heap);
      const targets = Uint32Array.from(new Set(wanted.filter((node) => node < heap.count))).sort();
      const { first, source, edge } = incomingEdges(graph, targets);
      targets.forEach((target, at) => {
        const found = [...edge.subarray(first[at]!, first[at + 1]!)];
        const all = [...graph.edgeTarget.keys()].filter((each) => graph.edgeTarget[each] === target);
        expect(found).toEqual(all);
        for (let index = first[at]!; index < first[at + 1]!; index++) {
          expect(edge[index]).toBeGreaterThanOrEqual(graph.firstEdge[source[index]!]!);
          expect(edge[index]).toBeLessThan(graph.firstEdge[source[index]! + 1]!);
        }
      });
    }),
  );
});

test('a node is below another when the way up passes it', () => {
  fc.assert(
    fc.property(randomEdges, (heap) => {
      const graph = drawEdges(heap);
      const tree = meaningTree(graph);
      const intervals = new TreeIntervals(tree);
      for (const node of tree.order) {
        const above = new Set([node, 0]);
        for (let at = node; at !== 0; at = tree.parent[at]!) above.add(at);
        for (const other of tree.order) expect(intervals.isBelow(node, other)).toBe(above.has(other));
      }
    }),
  );
});
