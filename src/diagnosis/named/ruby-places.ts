import { EDGE_KIND_MASK, type HeapGraph } from '../../model/heap-graph.ts';
import type { NodeStep } from '../node-path.ts';
import { kindTextOf, nameTextOf } from './tongue.ts';

/** What `rubyRootText` calls the interpreter's own table of Symbols. */
export const TABLE_OF_NAMES = "the interpreter's table of names";

/**
 * The variable of a thread by which a step of a path is held. `Thread.current[:x]` belongs to the thread's fiber, which is
 * often the thread itself; `thread_variable_set` keeps its variables in a Hash of the thread's.
 */
export function threadVariable(
  graph: HeapGraph,
  path: readonly NodeStep[],
  at: number,
): { text: string; name: string } | null {
  const edge = path[at]!.edge;
  if (edge < 0 || graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK] !== 'property') return null;
  const name = graph.strings.head(graph.edgeName[edge]!, 80);
  if (name.startsWith('@')) return null;
  const holder = nameTextOf(graph, path[at - 1]!.node);
  const above = path[at - 2]?.node;
  const isTable = holder === 'Hash' && above !== undefined && isThread(graph, path, at - 2);
  if (!isTable && !isThread(graph, path, at - 1)) return null;
  return {
    text: isTable ? `Thread.current.thread_variable_get(:${name})` : `Thread.current[:${name}]`,
    name,
  };
}

/** A Thread or Fiber by its class, one of a class of the program's own by what lists it. */
function isThread(graph: HeapGraph, path: readonly NodeStep[], at: number): boolean {
  const { node } = path[at]!;
  if (kindTextOf(graph, node) !== 'object') return false;
  const name = nameTextOf(graph, node);
  if (name === 'Thread' || name === 'Fiber') return true;
  const above = path[at - 1]?.node;
  return above !== undefined && nameTextOf(graph, above) === '(threads)';
}

/** What the interpreter itself keeps, in words: no name that a programmer gave is on the way. */
export function rubyRootText(graph: HeapGraph, path: readonly NodeStep[]): string | null {
  const root = path.findLast(({ node }) => node !== 0 && kindTextOf(graph, node) === 'synthetic');
  if (root === undefined) return null;
  const held = path[path.indexOf(root) + 1]?.node;
  const heldName = held === undefined ? '' : nameTextOf(graph, held);
  switch (nameTextOf(graph, root.node)) {
    case '(end_proc)':
      return 'at_exit blocks';
    case '(finalizers)':
      return 'finalizers of ObjectSpace';
    case '(threads)':
      return held === undefined ? 'living threads' : null;
    case '(vm)':
      return /^\(hidden (?:hash|array)\)$/.test(heldName) ? TABLE_OF_NAMES : null;
    default:
      return null;
  }
}
