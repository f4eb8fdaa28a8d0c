import { gain } from '../../../base/gain.ts';
import { pythonCollectionKind } from '../../../formats/python-gc/collections.ts';
import type { HeapGraph } from '../../../model/heap-graph.ts';
import type { OwnerScope } from '../../dialect.ts';
import { lastName, PYTHON } from '../../named/python.ts';
import { pythonCode } from '../../named/python-code.ts';
import { kindTextOf, nameTextOf } from '../../named/tongue.ts';
import { keyReasons, placesOfClasses } from '../of-members.ts';
import { type CodeHints, literally, type Rule } from '../rule.ts';

const WHERE: Partial<Record<OwnerScope, string>> = {
  module: 'a global of a module: it lives as long as the process',
  class: 'an attribute of the class itself: all instances share it, as long as the process lives',
};

/** A dict, list, set or deque that gains and never loses. */
export const unboundedCollection: Rule = {
  id: 'unbounded-collection',
  runtime: 'python',
  pattern: 'unbounded-collection',
  match({ group, members, graph }) {
    const { owner } = group;
    const kind = owner.collectionKind;
    if (kind === 'closure' || (kind === 'other' && group.own.length === 0)) return null;
    const gained = gain(group.objects);
    const where = owner.scope ? WHERE[owner.scope] : undefined;
    const className = classOf(graph, owner.collection);
    return {
      fit: kind === 'other' ? 0.5 : 0.8,
      title:
        className !== null
          ? `${owner.text} gains attributes and never loses them`
          : gained > 0
            ? `${owner.text} (${kind}) gains entries and never loses them`
            : `${owner.text} grows and never shrinks`,
      adds: null,
      allocates: placesOfClasses(members),
      code: className === null ? pythonCode(owner, members.keyPatterns, graph) : attributeCode(className),
      reasons: [
        ...(where ? [`it is kept by ${where}`] : []),
        ...keyReasons(members),
        ...(members.keys.length > 0 ? [`entries have ${members.keys.slice(0, 6).join(', ')}`] : []),
      ],
      against: [],
      remedy: {
        summary:
          'Give it a limit (collections.OrderedDict with popitem, deque(maxlen=…), cachetools.TTLCache), or remove entries where their life ends.',
        example:
          'while len(CACHE) >= MAX:\n    CACHE.pop(next(iter(CACHE)))   # a dict keeps the order of insertion',
      },
    };
  },
};

/** The class of an object that is no collection but a thing of the program, whose attributes are what grows; else null. */
function classOf(graph: HeapGraph, node: number): string | null {
  if (kindTextOf(graph, node) !== 'object' || pythonCollectionKind(graph, node) !== null) return null;
  const name = nameTextOf(graph, node);
  return PYTHON.collectionKind(name) === null && PYTHON.authorOfClass(name) === 'user' ? name : null;
}

function attributeCode(className: string): CodeHints {
  return {
    adds: [/\bsetattr\s*\(/, /__dict__\s*\[[^\]]+\]\s*=(?!=)/, /__dict__\s*\.\s*(?:update|setdefault)\s*\(/],
    removes: [/\bdelattr\s*\(/, /__dict__\s*\.\s*(?:pop|clear)\s*\(/, /\bdel\s+[\w.]*__dict__\s*\[/],
    within: new RegExp(`^\\s*class\\s+${literally(lastName(className))}\\b`),
  };
}
