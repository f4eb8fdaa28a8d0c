import { EDGE } from './kinds.ts';
import { FIRST_OBJECT, type Objects } from './objects.ts';
import type { RawDump } from './raw.ts';
import type { References } from './references.ts';
import { holdTheRest, type LooseCycles, type RootEdges } from './roots.ts';
import type { StringPool } from './string-pool.ts';

/** The references of the graph, grouped by source. */
export interface LinkedEdges {
  readonly firstEdge: Uint32Array;
  readonly edgeKind: Uint8Array;
  readonly edgeName: Uint32Array;
  readonly edgeTarget: Uint32Array;
  readonly looseCycles: LooseCycles;
}

/** Counts, then fills: first the objects' own references, then those of the groups, which depend on what was reached. */
export function linkedEdges(
  raw: RawDump,
  objects: Objects,
  strings: StringPool,
  roots: RootEdges,
  references: References,
): LinkedEdges {
  const { nodeCount } = objects;
  const locals = roots.locals.filter(({ source }) => source >= FIRST_OBJECT);
  const first = new Uint32Array(nodeCount + 1);
  references.each((source) => {
    first[source + 1]!++;
  });
  for (const { source } of locals) first[source + 1]!++;
  for (let node = 0; node < nodeCount; node++) first[node + 1]! += first[node]!;
  const total = first[nodeCount]!;
  let kind = new Uint8Array(total);
  let name = new Uint32Array(total);
  let target = new Uint32Array(total);
  const next = first.slice();
  const put = (source: number, edgeKind: number, edgeName: number, edgeTarget: number): void => {
    const at = next[source]!++;
    kind[at] = edgeKind;
    name[at] = edgeName;
    target[at] = edgeTarget;
  };
  references.each(put);
  for (const local of locals) put(local.source, EDGE.context, local.name, local.target);
  const looseCycles = holdTheRest(raw, objects, strings, roots, first, target);

  const front: { kind: number; name: number; target: number }[] = [];
  const groupFirst = [0];
  for (let group = 0; group < FIRST_OBJECT; group++) {
    if (group === 0) {
      for (let child = 1; child < FIRST_OBJECT; child++) {
        front.push({ kind: EDGE.internal, name: objects.nodeName[child]!, target: child });
      }
    } else {
      front.push(...roots.of[group]!);
      for (const local of roots.locals)
        if (local.source === group)
          front.push({ kind: EDGE.context, name: local.name, target: local.target });
    }
    groupFirst.push(front.length);
  }
  const shift = front.length;
  kind = shifted(kind, new Uint8Array(total + shift), shift);
  name = shifted(name, new Uint32Array(total + shift), shift);
  target = shifted(target, new Uint32Array(total + shift), shift);
  front.forEach((edge, at) => {
    kind[at] = edge.kind;
    name[at] = edge.name;
    target[at] = edge.target;
  });
  for (let node = 0; node <= nodeCount; node++)
    first[node] = node <= FIRST_OBJECT ? groupFirst[node]! : first[node]! + shift;
  return { firstEdge: first, edgeKind: kind, edgeName: name, edgeTarget: target, looseCycles };
}

function shifted<Column extends Uint8Array | Uint32Array>(from: Column, to: Column, by: number): Column {
  to.set(from, by);
  return to;
}
