import { bytesSource } from '../../base/byte-source.ts';
import { type DrawnEdge, draw, type HeapDrawing } from '../../model/draw-heap.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { DIALECTS, type Dialect, snapshotBytes } from './draw-snapshot.ts';
import { readHeapSnapshot } from './read.ts';

/**
 * Dumps of one process, drawn in text (`model/draw-heap.ts`), oldest first, written as V8 writes them and read by the
 * real reader. A node has the same id in all of them: it goes by handle and place in the group, so `h*3` and later
 * `h*5` are three old objects and two new ones. Objects that come and go have handles of their own in each dump.
 *
 * Of a table the references `#key`, `#value` (Map) and `#member` (Set) are put into V8's slots one after the other.
 */
export async function drawProcess(
  texts: readonly string[],
  dialect: Dialect = DIALECTS.node20,
): Promise<HeapGraph[]> {
  const ids = new Map<string, number>();
  const graphs: HeapGraph[] = [];
  for (const text of texts) {
    const drawing = inSlots(withIds(draw(text), ids));
    graphs.push(await readHeapSnapshot(bytesSource(snapshotBytes(drawing, dialect), '<drawn>')));
  }
  return graphs;
}

/** A service whose one function `serve` sees the variables of its module: `scope -$name-> …`. */
export const SERVICE = `
  root -!1-> global:global
  global -.serve-> serve:closure"serve"#64<app/server.js:10:3> -#context-> scope:context#64
`;

/** The same drawing for several sizes of what grows. */
export function series(sizes: readonly number[], drawing: (size: number) => string): string[] {
  return sizes.map(drawing);
}

/**
 * `count` links in a row, drawn as `<handle>0_`, `<handle>1_`…; `rest` says of each what stands behind its handle.
 */
export function chain(
  from: string,
  reference: string,
  handle: string,
  count: number,
  rest: (nth: number) => string,
): string {
  const link = (nth: number): string => (nth < 0 ? from : `${handle}${nth}_`);
  const lines = Array.from(
    { length: count },
    (_, nth) => `${link(nth - 1)} ${reference} ${link(nth)}${rest(nth)}`,
  );
  return lines.join('\n');
}

function withIds(drawing: HeapDrawing, ids: Map<string, number>): HeapDrawing {
  const counts = new Map<string, number>();
  const nodes = drawing.nodes.map((node) => {
    const nth = counts.get(node.handle) ?? 0;
    counts.set(node.handle, nth + 1);
    const key = `${node.handle} ${nth}`;
    const id = ids.get(key) ?? ids.size * 2 + 1;
    ids.set(key, id);
    return { ...node, id };
  });
  return { ...drawing, nodes };
}

/** First slot and distance between slots, behind the counters and one bucket. */
const SLOTS: Readonly<Record<string, readonly [number, number]>> = {
  key: [4, 3],
  value: [5, 3],
  member: [4, 2],
};

function inSlots(drawing: HeapDrawing): HeapDrawing {
  const counts = new Map<string, number>();
  const slotOf = new Map<DrawnEdge, number>();
  const edges = drawing.edges.map((edge) => {
    const slots = edge.kind === 'internal' ? SLOTS[edge.name] : undefined;
    if (!slots) return edge;
    const key = `${edge.from} ${edge.name}`;
    const nth = counts.get(key) ?? 0;
    counts.set(key, nth + 1);
    const slot = slots[0] + nth * slots[1];
    const placed = { ...edge, name: String(slot) };
    slotOf.set(placed, slot);
    return placed;
  });
  // V8 writes a table slot by slot.
  edges.sort((a, b) => a.from - b.from || (slotOf.get(a) ?? 0) - (slotOf.get(b) ?? 0));
  return { ...drawing, edges };
}
