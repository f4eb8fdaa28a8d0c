import type { HeapGraph } from '../../model/heap-graph.ts';
import type { Dialect } from '../dialect.ts';
import { rulesFor } from '../rules/index.ts';
import { profileMembers } from './members.ts';
import { isLink, nodeText, ownerOf } from './owner.ts';
import { pathView } from './path-view.ts';
import { knownCycles } from './python-cycles.ts';
import type { Tongue } from './tongue.ts';

/** Heaps whose references carry the names of the source. */
export function namedDialect(graph: HeapGraph, tongue: Tongue): Dialect {
  return {
    rules: rulesFor(tongue.runtime),
    known: [...tongue.known, ...(tongue.runtime === 'python' ? knownCycles(graph) : [])],
    engineText: tongue.engineText,
    silentEdges: ['weak', 'internal'],
    ownerOf: (path) => ownerOf(graph, tongue, path),
    profileMembers: (group, isOld) => profileMembers(graph, tongue, group, isOld),
    pathView: (path, isOld) => pathView(graph, path, isOld),
    nodeText: (node) => nodeText(graph, node),
    isLink: (holder, node) => isLink(graph, tongue, holder, node),
    unnamed: () => null,
  };
}
