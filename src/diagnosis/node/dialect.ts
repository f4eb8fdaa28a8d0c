import type { Growth } from '../../analysis/growth.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import type { Dialect } from '../dialect.ts';
import { knownNodeGrowth } from '../known/node.ts';
import { rulesFor } from '../rules/index.ts';
import { contextPlaces } from './contexts.ts';
import { profileMembers } from './members.ts';
import { nodeText, ownerOf } from './owner.ts';
import { pathView } from './path-view.ts';

/** V8 heaps in the words of JavaScript. */
export function nodeDialect(graph: HeapGraph): Dialect {
  const contexts = contextPlaces(graph);
  const kindOf = (node: number): string => graph.nodeKinds[graph.nodeKind[node]!]!;
  return {
    rules: rulesFor('node'),
    known: knownNodeGrowth,
    engineText: 'engine: compiled code, feedback, hidden classes',
    silentEdges: ['weak', 'hidden', 'internal', 'shortcut'],
    ownerOf: (path) => ownerOf(graph, path, contexts),
    profileMembers: (group, isOld) => profileMembers(graph, group, isOld),
    pathView: (path, isOld) => pathView(graph, path, isOld, contexts),
    nodeText: (node) => nodeText(graph, node),
    isLink(holder, node) {
      const kind = kindOf(node);
      if (kindOf(holder) !== kind) return false;
      if (kind === 'concatenated string') return true;
      return (
        kind === 'object' &&
        graph.nodeName[holder] === graph.nodeName[node] &&
        // Plain objects in plain objects are no chain; links of one class are.
        graph.strings.head(graph.nodeName[node]!, 8) !== 'Object'
      );
    },
    unnamed: registryOfSymbols,
  };
}

/** Symbols of the program are kept in a table of the engine that has no name. */
function registryOfSymbols(growth: Growth, holderPlace: number): string | null {
  const { census } = growth;
  if (census.shapeOf(holderPlace).category !== 'array') return null;
  const inSymbolTable = census.trie
    .pathTo(holderPlace)
    .some((step) => census.shapeOf(step).text.startsWith('(Strong root'));
  return inSymbolTable &&
    growth.sites.some((site) => site.holderPlace === holderPlace && site.shape.text === '(symbol)')
    ? 'the registry of Symbol.for'
    : null;
}
