import { bytesSource } from '../../base/byte-source.ts';
import { DRAWN_EDGE_KINDS, DRAWN_NODE_KINDS, draw, type HeapDrawing } from '../../model/draw-heap.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import { readHeapSnapshot } from './read.ts';

/** What the V8 of a Node major (or of Chrome) writes differently from the others. */
export interface Dialect {
  /** Six or seven numbers a node. */
  readonly traceNodeField: boolean;
  readonly nodeKinds: readonly string[];
  /** One record a line; else the whole file on a few lines. */
  readonly lines: boolean;
  readonly extraNativeBytes: boolean;
  /** Newest Chrome: `script_object_index` in locations, names `system / Script / path`, sections for scopes. */
  readonly scopes: boolean;
  /** Name of the reference from a function's shared info to its Script. */
  readonly scriptEdge: string;
}

const OLD: Dialect = {
  traceNodeField: true,
  nodeKinds: DRAWN_NODE_KINDS,
  lines: true,
  extraNativeBytes: false,
  scopes: false,
  scriptEdge: 'script_or_debug_info',
};
export const DIALECTS: Readonly<Record<'node18' | 'node20' | 'node22' | 'node24' | 'chrome', Dialect>> = {
  node18: { ...OLD, nodeKinds: DRAWN_NODE_KINDS.filter((kind) => kind !== 'object shape') },
  node20: { ...OLD, nodeKinds: [...DRAWN_NODE_KINDS, 'wasm object'] },
  node22: { ...OLD, scriptEdge: 'script' },
  node24: { ...OLD, traceNodeField: false, lines: false, extraNativeBytes: true, scriptEdge: 'script' },
  chrome: {
    ...OLD,
    traceNodeField: false,
    lines: false,
    extraNativeBytes: true,
    scopes: true,
    scriptEdge: 'script',
  },
};

/** A drawn heap, written as V8 would write it and read back by the real reader. */
export async function drawSnapshot(text: string, dialect: Dialect = DIALECTS.node20): Promise<HeapGraph> {
  return await readHeapSnapshot(bytesSource(snapshotBytes(text, dialect), '<drawn>'));
}

export function snapshotBytes(drawing: string | HeapDrawing, dialect: Dialect = DIALECTS.node20): Uint8Array {
  return new TextEncoder().encode(snapshotJson(drawing, dialect));
}

export function snapshotJson(drawing: string | HeapDrawing, dialect: Dialect = DIALECTS.node20): string {
  return joinSections(snapshotSections(drawing, dialect));
}

/** Sections by name, each a JSON value; tests reorder, drop and damage them. */
export type Sections = Record<string, string>;

export function joinSections(sections: Sections): string {
  return `{${Object.entries(sections)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',\n')}}\n`;
}

export function snapshotSections(
  drawing: string | HeapDrawing,
  dialect: Dialect = DIALECTS.node20,
): Sections {
  const { nodes, edges, located } = withScripts(
    typeof drawing === 'string' ? draw(drawing) : drawing,
    dialect,
  );
  const strings = new Map<string, number>([['<dummy>', 0]]);
  const string = (text: string): number => {
    if (!strings.has(text)) strings.set(text, strings.size);
    return strings.get(text)!;
  };
  const edgesOf = nodes.map(() => [] as (typeof edges)[number][]);
  for (const edge of edges) edgesOf[edge.from]!.push(edge);
  const stride = dialect.traceNodeField ? 7 : 6;
  const nodeNumbers = nodes.flatMap(({ kind, name, id, bytes, detachedness }, node) => [
    Math.max(0, dialect.nodeKinds.indexOf(kind)),
    string(name),
    id,
    bytes,
    edgesOf[node]!.length,
    ...(dialect.traceNodeField ? [0] : []),
    detachedness,
  ]);
  const edgeNumbers = edgesOf
    .flat()
    .flatMap(({ kind, name, to }) => [
      DRAWN_EDGE_KINDS.indexOf(kind),
      typeof name === 'number' ? name : string(name),
      to * stride,
    ]);
  const locations = located.flatMap(({ node, scriptId, scriptNode, line, column }) => [
    node * stride,
    scriptId,
    ...(dialect.scopes ? [scriptNode * stride] : []),
    line - 1,
    column - 1,
  ]);
  const numbers = (values: readonly number[], recordLength: number): string => {
    if (!dialect.lines) return `[${values.join(',')}]`;
    const records: string[] = [];
    for (let at = 0; at < values.length; at += recordLength) {
      records.push(values.slice(at, at + recordLength).join(','));
    }
    return `[${records.join('\n,')}${records.length > 0 ? '\n' : ''}]`;
  };
  const header = {
    meta: meta(dialect),
    node_count: nodes.length,
    edge_count: edges.length,
    trace_function_count: 0,
    ...(dialect.extraNativeBytes ? { extra_native_bytes: 4096 } : {}),
  };
  return {
    snapshot: JSON.stringify(header),
    nodes: numbers(nodeNumbers, stride),
    edges: numbers(edgeNumbers, 3),
    trace_function_infos: '[]',
    trace_tree: '[]',
    samples: '[]',
    locations: numbers(locations, dialect.scopes ? 5 : 4),
    ...(dialect.scopes ? { scopes: '[]', scope_context_vars: '[]', scope_uses: '[]' } : {}),
    strings: `[${[...strings.keys()].map((text) => JSON.stringify(text)).join(dialect.lines ? ',\n' : ',')}]`,
  };
}

/**
 * V8 tells a script's path only through a closure: closure → shared function info → Script. Each position gets
 * these; one that is not a closure's gets a closure of its own, which nothing holds. Their ids come from the text, so
 * that they are the same in all drawings of one process.
 */
function withScripts(drawing: HeapDrawing, dialect: Dialect) {
  const nodes = [...drawing.nodes];
  const edges = [...drawing.edges];
  const scripts = new Map<string, { scriptId: number; scriptNode: number }>();
  const shareds = new Map<string, number>();
  const add = (kind: string, name: string, what: string): number => {
    nodes.push({ handle: '', kind, name, bytes: 0, id: idFor(what), detachedness: 0, at: null });
    return nodes.length - 1;
  };
  const internal = (from: number, to: number, name: string): void => {
    edges.push({ from, to, kind: 'internal', name });
  };
  const scriptOf = (file: string): { scriptId: number; scriptNode: number } => {
    let script = scripts.get(file);
    if (!script) {
      const scriptNode = add('code', dialect.scopes ? `system / Script / ${file}` : file, `script ${file}`);
      script = { scriptId: scripts.size + 1, scriptNode };
      scripts.set(file, script);
      const closure = add('closure', '', `top level of ${file}`);
      const shared = add('code', '', `shared top level of ${file}`);
      internal(closure, shared, 'shared');
      internal(shared, scriptNode, dialect.scriptEdge);
      located.push({ node: closure, ...script, line: 1, column: 1 });
    }
    return script;
  };
  const located: { node: number; scriptId: number; scriptNode: number; line: number; column: number }[] = [];
  drawing.nodes.forEach(({ at, kind, name }, node) => {
    if (!at) return;
    const script = scriptOf(at.file);
    located.push({ node, ...script, line: at.line, column: at.column });
    if (kind !== 'closure') return;
    const place = `${name} ${at.file}:${at.line}:${at.column}`;
    let shared = shareds.get(place);
    if (shared === undefined) {
      shared = add('code', name, place);
      shareds.set(place, shared);
      internal(shared, script.scriptNode, dialect.scriptEdge);
    }
    internal(node, shared, 'shared');
  });
  return { nodes, edges, located };
}

/** An odd id above those of drawn nodes. */
function idFor(text: string): number {
  let hash = 0;
  for (const char of text) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
  return 1_000_001 + (hash >>> 4) * 2;
}

function meta(dialect: Dialect) {
  return {
    node_fields: [
      'type',
      'name',
      'id',
      'self_size',
      'edge_count',
      ...(dialect.traceNodeField ? ['trace_node_id'] : []),
      'detachedness',
    ],
    node_types: [
      dialect.nodeKinds,
      'string',
      'number',
      'number',
      'number',
      'number',
      ...(dialect.traceNodeField ? ['number'] : []),
    ],
    edge_fields: ['type', 'name_or_index', 'to_node'],
    edge_types: [DRAWN_EDGE_KINDS, 'string_or_number', 'node'],
    trace_function_info_fields: ['function_id', 'name', 'script_name', 'script_id', 'line', 'column'],
    trace_node_fields: ['id', 'function_info_index', 'count', 'size', 'children'],
    sample_fields: ['timestamp_us', 'last_assigned_id'],
    location_fields: [
      'object_index',
      'script_id',
      ...(dialect.scopes ? ['script_object_index'] : []),
      'line',
      'column',
    ],
    ...(dialect.scopes
      ? {
          scope_fields: [
            'script_node_index',
            'scope_id',
            'depth',
            'scope_context_vars_count',
            'scope_uses_count',
          ],
          scope_context_var_fields: ['name'],
          scope_use_fields: ['declaring_scope_id', 'slot_index'],
        }
      : {}),
  };
}
