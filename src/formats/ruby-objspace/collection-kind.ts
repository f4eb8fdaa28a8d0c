import type { HeapGraph } from '../../model/heap-graph.ts';
import type { RubyFacts } from './ruby-facts.ts';
import { TYPE } from './words.ts';

export type RubyCollectionKind = 'Hash' | 'Array' | 'Set' | 'String' | 'Struct';

/** A graph that was read from a Ruby dump. */
type MaybeRuby = Pick<HeapGraph, 'nodeKinds' | 'nodeKind' | 'nodeName' | 'strings'> & {
  readonly ruby?: RubyFacts;
};

const BY_NAME: Readonly<Record<string, RubyCollectionKind>> = {
  Hash: 'Hash',
  Array: 'Array',
  Set: 'Set',
  'ActiveSupport::HashWithIndifferentAccess': 'Hash',
};

/** What holds many: of which built-in kind an object is, whatever its class is called. Null for what is no collection. */
export function rubyCollectionKind(graph: MaybeRuby, node: number): RubyCollectionKind | null {
  const { ruby } = graph;
  if (graph.nodeKinds[graph.nodeKind[node]!] === 'string') return 'String';
  if (!ruby) return BY_NAME[graph.strings.head(graph.nodeName[node]!, 60)] ?? null;
  switch (ruby.type[node]) {
    case TYPE.HASH:
      return 'Hash';
    case TYPE.ARRAY:
      return 'Array';
    case TYPE.STRUCT:
      return 'Struct';
    case TYPE.OBJECT:
    case TYPE.DATA:
      return ruby.setNames.has(graph.nodeName[node]!) ? 'Set' : null;
    default:
      return null;
  }
}
