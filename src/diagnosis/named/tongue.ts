import type { HeapGraph } from '../../model/heap-graph.ts';
import type { Authorship } from '../authorship.ts';
import type { CollectionKind, OwnerScope } from '../dialect.ts';
import type { KnownGrowth } from '../known/known-growth.ts';
import type { Rule } from '../rules/rule.ts';

/**
 * What differs between runtimes whose dumps name references as the source does (Ruby, Python). Their readers agree on kinds of
 * nodes and edges (`docs/how-it-works.md`), so that one dialect serves both.
 */
export interface Tongue {
  readonly runtime: Rule['runtime'];
  readonly known: readonly KnownGrowth[];
  /** What bytes of the runtime's own bookkeeping are called. */
  readonly engineText: string;
  /** Classes whose name says nothing of what an instance is for. */
  isPlain(className: string): boolean;
  /** Who wrote a class, when the dump does not say where it is written. */
  authorOfClass(className: string): Authorship;
  /** Kind of a collection by the name of its class; null when the name does not tell. */
  collectionKind(className: string): CollectionKind | null;
  /** Kinds for what is told by its references alone: keys and values, or slots. */
  readonly keyed: CollectionKind;
  readonly listed: CollectionKind;
  /** `Class.@name`, `Module::NAME`, `module.name`: a name of a class's or module's own. */
  ownText(holder: string, name: string): string;
  /** `Class#@name`, `Class.name`: a name of an instance's. */
  fieldText(className: string, name: string): string;
  scopeOf(holderKind: 'class' | 'module' | 'object', className: string, name: string): OwnerScope;
  /** Names of the fields in which one collection keeps another that does the work: `Set#@hash`. */
  isInnerField(className: string, name: string): boolean;
}

export function kindTextOf(graph: HeapGraph, node: number): string {
  return graph.nodeKinds[graph.nodeKind[node]!]!;
}

export function nameTextOf(graph: HeapGraph, node: number): string {
  return graph.strings.head(graph.nodeName[node]!, 120);
}
