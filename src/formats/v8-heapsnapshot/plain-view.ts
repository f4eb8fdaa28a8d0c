import { EDGE_KIND_MASK, type HeapGraph, totalBytes } from '../../model/heap-graph.ts';

/** What a snapshot says, as plain arrays that tests compare: by `JSON.parse`, and by the reader. */
export interface PlainView {
  nodes: { kind: string; name: string; id: number; edges: number }[];
  edges: { kind: string; name: string | number; target: number }[];
  totalBytes: number;
  strings: string[];
  locations: { node: number; scriptId: number; line: number; column: number }[];
}

interface RawSnapshot {
  snapshot: {
    meta: {
      node_fields: string[];
      node_types: unknown[];
      edge_fields: string[];
      edge_types: unknown[];
      location_fields: string[];
    };
  };
  nodes: number[];
  edges: number[];
  locations?: number[];
  strings: string[];
}

export function viewOfJson(text: string): PlainView {
  const { snapshot, nodes, edges, strings, locations = [] } = JSON.parse(text) as RawSnapshot;
  const { meta } = snapshot;
  const nodeRecords = records(nodes, meta.node_fields);
  const edgeRecords = records(edges, meta.edge_fields);
  const kindsOf = (types: unknown[], fields: string[]) => types[fields.indexOf('type')] as string[];
  const nodeKinds = kindsOf(meta.node_types, meta.node_fields);
  const edgeKinds = kindsOf(meta.edge_types, meta.edge_fields);
  const stride = meta.node_fields.length;
  return {
    nodes: nodeRecords.map((node) => ({
      kind: nodeKinds[node['type']!]!,
      name: strings[node['name']!]!,
      id: node['id']!,
      edges: node['edge_count']!,
    })),
    edges: edgeRecords.map((edge) => {
      const kind = edgeKinds[edge['type']!]!;
      const name = edge['name_or_index']!;
      return {
        kind,
        name: kind === 'element' || kind === 'hidden' ? name : strings[name]!,
        target: edge['to_node']! / stride,
      };
    }),
    totalBytes: nodeRecords.reduce((sum, node) => sum + node['self_size']!, 0),
    strings,
    locations: records(locations, meta.location_fields)
      .map((location) => ({
        node: location['object_index']! / stride,
        scriptId: location['script_id']!,
        line: location['line']!,
        column: location['column']!,
      }))
      .sort((a, b) => a.node - b.node),
  };
}

function records(values: number[], fields: string[]): Record<string, number>[] {
  return Array.from({ length: values.length / fields.length }, (_, record) =>
    Object.fromEntries(fields.map((field, at) => [field, values[record * fields.length + at]!])),
  );
}

export function viewOfGraph(graph: HeapGraph): PlainView {
  const { strings, locations } = graph;
  return {
    nodes: Array.from(graph.nodeKind, (kind, node) => ({
      kind: graph.nodeKinds[kind]!,
      name: strings.get(graph.nodeName[node]!),
      id: graph.nodeId[node]!,
      edges: graph.firstEdge[node + 1]! - graph.firstEdge[node]!,
    })),
    edges: Array.from(graph.edgeKind, (flags, edge) => {
      const kind = flags & EDGE_KIND_MASK;
      const name = graph.edgeName[edge]!;
      const indexed = ((graph.indexedEdgeKinds >>> kind) & 1) === 1;
      return {
        kind: graph.edgeKinds[kind]!,
        name: indexed ? name : strings.get(name),
        target: graph.edgeTarget[edge]!,
      };
    }),
    totalBytes: totalBytes(graph),
    strings: Array.from({ length: strings.length }, (_, index) => strings.get(index)),
    locations: Array.from(locations.node, (node, index) => ({
      node,
      scriptId: locations.scriptId[index]!,
      line: locations.line[index]!,
      column: locations.column[index]!,
    })),
  };
}
