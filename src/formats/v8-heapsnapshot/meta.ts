/**
 * The header of a V8 heap snapshot, `{"snapshot": {"meta": {…}, "node_count": …}}`. Every field's place is taken from
 * here: Node 18–22 write seven numbers a node, Node 24 six, newest Chrome adds sections.
 * Source: V8 `src/profiler/heap-snapshot-generator.cc`, HeapSnapshotJSONSerializer::SerializeSnapshot.
 */
export interface SnapshotHeader {
  readonly meta: {
    readonly node_fields: readonly string[];
    readonly node_types: readonly (string | readonly string[])[];
    readonly edge_fields: readonly string[];
    readonly edge_types: readonly (string | readonly string[])[];
    readonly trace_function_info_fields?: readonly string[];
    readonly trace_node_fields?: readonly string[];
    readonly sample_fields?: readonly string[];
    readonly location_fields?: readonly string[];
  };
  readonly node_count: number;
  readonly edge_count: number;
  readonly trace_function_count?: number;
  readonly extra_native_bytes?: number;
  readonly root_index?: number;
}

export interface Layout {
  readonly header: SnapshotHeader;
  readonly nodeStride: number;
  readonly nodeType: number;
  readonly nodeName: number;
  readonly nodeId: number;
  readonly nodeSelfSize: number;
  readonly nodeEdgeCount: number;
  /** -1 where the snapshot has no such field. */
  readonly nodeTrace: number;
  readonly nodeDetachedness: number;
  readonly nodeKinds: readonly string[];
  readonly edgeStride: number;
  readonly edgeType: number;
  readonly edgeName: number;
  readonly edgeTarget: number;
  readonly edgeKinds: readonly string[];
  readonly location: RecordLayout<'object_index' | 'script_id' | 'line' | 'column'>;
  readonly sample: RecordLayout<'timestamp_us' | 'last_assigned_id'>;
  readonly traceFunction: RecordLayout<(typeof FUNCTION_FIELDS)[number]>;
  readonly traceNodeFields: readonly string[];
}

/** Places of the fields in the records of a smaller section. */
export interface RecordLayout<Field extends string> {
  readonly stride: number;
  readonly at: Readonly<Record<Field, number>>;
}

const LOCATION_FIELDS = ['object_index', 'script_id', 'line', 'column'] as const;
const SAMPLE_FIELDS = ['timestamp_us', 'last_assigned_id'] as const;
const TRACE_NODE_FIELDS = ['id', 'function_info_index', 'count', 'size', 'children'] as const;
export const FUNCTION_FIELDS = ['function_id', 'name', 'script_name', 'script_id', 'line', 'column'] as const;
/** Far above any V8's; the reader's buffers are measured in records. */
const MAX_FIELDS = 64;

/** The layout that a header announces, or the sentence that says what is wrong with it. */
export function layoutOf(value: unknown): Layout | string {
  const header = value as SnapshotHeader;
  const meta = header?.meta;
  if (!meta || !isFieldList(meta.node_fields) || !isFieldList(meta.edge_fields)) {
    return `"snapshot.meta" with node_fields and edge_fields, each a list of at most ${MAX_FIELDS} names`;
  }
  if (!isCount(header.node_count) || !isCount(header.edge_count)) {
    return '"snapshot" to have node_count and edge_count, both whole numbers from 0 on';
  }
  const node = (field: string) => meta.node_fields.indexOf(field);
  const edge = (field: string) => meta.edge_fields.indexOf(field);
  for (const field of ['type', 'name', 'id', 'self_size', 'edge_count']) {
    if (node(field) < 0) return `node field "${field}" in "snapshot.meta"`;
  }
  for (const field of ['type', 'name_or_index', 'to_node']) {
    if (edge(field) < 0) return `edge field "${field}" in "snapshot.meta"`;
  }
  const nodeKinds = kindNames(meta.node_types, node('type'));
  const edgeKinds = kindNames(meta.edge_types, edge('type'));
  if (!nodeKinds || nodeKinds.length > 256) return 'the list of node types in "snapshot.meta.node_types"';
  if (!edgeKinds || edgeKinds.length > 16)
    return 'the list of at most 16 edge types in "snapshot.meta.edge_types"';
  const location = recordLayout(meta.location_fields, LOCATION_FIELDS);
  if (!location) return `location fields ${LOCATION_FIELDS.join(', ')} in "snapshot.meta"`;
  const sample = recordLayout(meta.sample_fields, SAMPLE_FIELDS);
  if (!sample) return `sample fields ${SAMPLE_FIELDS.join(', ')} in "snapshot.meta"`;
  const traceFunction = recordLayout(meta.trace_function_info_fields, FUNCTION_FIELDS);
  if (!traceFunction) return `trace function fields ${FUNCTION_FIELDS.join(', ')} in "snapshot.meta"`;
  const traceNodeFields = meta.trace_node_fields ?? TRACE_NODE_FIELDS;
  if (!isFieldList(traceNodeFields)) return 'a list of trace node fields in "snapshot.meta"';
  return {
    header,
    nodeStride: meta.node_fields.length,
    nodeType: node('type'),
    nodeName: node('name'),
    nodeId: node('id'),
    nodeSelfSize: node('self_size'),
    nodeEdgeCount: node('edge_count'),
    nodeTrace: node('trace_node_id'),
    nodeDetachedness: node('detachedness'),
    nodeKinds,
    edgeStride: meta.edge_fields.length,
    edgeType: edge('type'),
    edgeName: edge('name_or_index'),
    edgeTarget: edge('to_node'),
    edgeKinds,
    location,
    sample,
    traceFunction,
    traceNodeFields,
  };
}

/** Places of the wanted fields; the usual ones when the header names none, null when one is missing. */
function recordLayout<Field extends string>(
  announced: unknown,
  wanted: readonly Field[],
): RecordLayout<Field> | null {
  const fields = announced ?? wanted;
  if (!isFieldList(fields)) return null;
  const at = wanted.map((field) => [field, fields.indexOf(field)] as const);
  if (at.some(([, place]) => place < 0)) return null;
  return { stride: fields.length, at: Object.fromEntries(at) as Record<Field, number> };
}

function isFieldList(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length <= MAX_FIELDS && value.every((field) => typeof field === 'string')
  );
}

function kindNames(types: unknown, at: number): readonly string[] | null {
  const kinds = Array.isArray(types) ? types[at] : null;
  return Array.isArray(kinds) && kinds.every((kind) => typeof kind === 'string') ? kinds : null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
