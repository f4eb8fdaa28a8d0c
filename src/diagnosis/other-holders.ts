import type { Growth } from '../analysis/growth.ts';
import { EDGE_KIND_MASK, type HeapGraph } from '../model/heap-graph.ts';
import type { Dialect } from './dialect.ts';
import type { Explained } from './findings.ts';

/** So many members of a place stand for all of them. */
const PROBES = 24;
const MAX_TEXTS = 4;

/**
 * What else holds the members of each finding, beside its owner: taking them out of the owner alone would free
 * nothing. One pass over all references, for all findings.
 */
export function otherHolders(growth: Growth, findings: readonly Explained[], dialect: Dialect): string[][] {
  const { last, lastMeasured } = growth;
  const findingOf = new Uint16Array(last.nodeCount);
  const probes = findings.map((finding, index) => {
    const members = finding.groups.flatMap((group) =>
      group.sites.filter((site) => site.label !== '[key]').flatMap((site) => site.samples.slice(0, PROBES)),
    );
    for (const member of members) findingOf[member] = index + 1;
    return members.length;
  });
  const own = findings.map(
    (finding) => new Set(finding.groups.flatMap((group) => [...group.holders, group.owner.collection])),
  );
  const held = findings.map(() => new Map<string, Set<number>>());
  const { firstEdge, edgeTarget, edgeKind, nodeCount } = last;
  const silent = dialect.silentEdges.map((kind) => last.edgeKinds.indexOf(kind));
  for (let node = 0; node < nodeCount; node++) {
    const end = firstEdge[node + 1]!;
    for (let edge = firstEdge[node]!; edge < end; edge++) {
      const target = edgeTarget[edge]!;
      const finding = findingOf[target]!;
      if (finding === 0 || lastMeasured.tree.parent[target] === node || own[finding - 1]!.has(node)) continue;
      if (silent.includes(edgeKind[edge]! & EDGE_KIND_MASK)) continue;
      const texts = held[finding - 1]!;
      const text = holderText(last, node, edge, dialect);
      const members = texts.get(text) ?? new Set<number>();
      members.add(target);
      texts.set(text, members);
    }
  }
  return held.map((texts, index) =>
    [...texts]
      .filter(([, members]) => members.size * 2 >= probes[index]!)
      .map(([text]) => text)
      .slice(0, MAX_TEXTS),
  );
}

function holderText(graph: HeapGraph, node: number, edge: number, dialect: Dialect): string {
  const kind = graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK];
  if (kind === 'element') return `${dialect.nodeText(node)}[]`;
  const name = graph.strings.head(graph.edgeName[edge]!, 40);
  return kind === 'context' ? `closure variable ${name}` : `${dialect.nodeText(node)}.${name}`;
}
