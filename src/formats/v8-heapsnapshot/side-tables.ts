import type { AllocationTable, HeapGraph, LocationTable } from '../../model/heap-graph.ts';
import { FUNCTION_FIELDS, type Layout } from './meta.ts';
import type { TraceTreeSection } from './trace-tree-section.ts';

/** Positions by ascending node, one for each; those of nodes that do not exist are dropped. */
export function locationTable(flat: Uint32Array, layout: Layout, nodeCount: number): LocationTable {
  const { stride, at } = layout.location;
  const records = Math.floor(flat.length / stride);
  // V8 writes them in no order. Node and record in one number sort without a comparing function.
  const keys = new Float64Array(records);
  let count = 0;
  for (let record = 0; record < records; record++) {
    const node = flat[record * stride + at.object_index]! / layout.nodeStride;
    if (Number.isInteger(node) && node < nodeCount) keys[count++] = node * records + record;
  }
  const sorted = keys.subarray(0, count).sort();
  const table = {
    node: new Uint32Array(count),
    scriptId: new Uint32Array(count),
    line: new Uint32Array(count),
    column: new Uint32Array(count),
  };
  let length = 0;
  for (const key of sorted) {
    const node = Math.floor(key / records);
    if (length > 0 && table.node[length - 1] === node) continue;
    const from = (key - node * records) * stride;
    table.node[length] = node;
    table.scriptId[length] = flat[from + at.script_id]!;
    table.line[length] = flat[from + at.line]!;
    table.column[length] = flat[from + at.column]!;
    length++;
  }
  return length === count
    ? table
    : {
        node: table.node.subarray(0, length),
        scriptId: table.scriptId.subarray(0, length),
        line: table.line.subarray(0, length),
        column: table.column.subarray(0, length),
      };
}

/**
 * Stacks by trace-node id. Whatever the file says, each chain of parents ends at 0, and each node's trace and each
 * trace's function exist.
 */
export function allocationTable(
  tree: TraceTreeSection | null,
  flatFunctions: Uint32Array,
  layout: Layout,
  traceOfNode: Uint32Array | null,
): AllocationTable | null {
  if (!tree || !traceOfNode || tree.ids.length === 0) return null;
  const functions = functionTable(flatFunctions, layout);
  const functionCount = functions.length / FUNCTION_FIELDS.length;
  const [ids, parents, functionOfRecord] = [tree.ids.view(), tree.parents.view(), tree.functions.view()];
  // A tree has as many ids as nodes; ids far beyond that are damage, and must not size an array.
  let size = 1;
  for (const id of ids) if (id >= size && id < ids.length * 4 + 1024) size = id + 1;
  const parent = new Uint32Array(size);
  const functionOf = new Uint32Array(size);
  const seen = new Uint8Array(size);
  ids.forEach((id, record) => {
    // An id that comes again would make a ring of parents possible.
    if (id >= size || seen[id] === 1 || functionOfRecord[record]! >= functionCount) return;
    seen[id] = 1;
    functionOf[id] = functionOfRecord[record]!;
    const above = parents[record]!;
    if (id !== 0 && above < size && seen[above] === 1) parent[id] = above;
  });
  for (let node = 0; node < traceOfNode.length; node++) {
    const trace = traceOfNode[node]!;
    if (trace >= size || seen[trace] === 0) traceOfNode[node] = 0;
  }
  return { traceOfNode, parent, functionOf, functions, functionStride: FUNCTION_FIELDS.length };
}

/** The model's six numbers a function, in its order. */
function functionTable(flat: Uint32Array, layout: Layout): Uint32Array {
  const { stride, at } = layout.traceFunction;
  const count = Math.floor(flat.length / stride);
  const functions = new Uint32Array(count * FUNCTION_FIELDS.length);
  let to = 0;
  for (let record = 0; record < count; record++) {
    for (const field of FUNCTION_FIELDS) functions[to++] = flat[record * stride + at[field]]!;
  }
  return functions;
}

export function sampleTable(flat: readonly number[], layout: Layout): HeapGraph['samples'] {
  const { stride, at } = layout.sample;
  const count = Math.floor(flat.length / stride);
  if (count === 0) return null;
  const column = (place: number): Float64Array =>
    Float64Array.from({ length: count }, (_, record) => flat[record * stride + place]!);
  return { timeUs: column(at.timestamp_us), lastId: column(at.last_assigned_id) };
}
