import { gain } from '../../../base/gain.ts';
import { pythonCollectionKind } from '../../../formats/python-gc/collections.ts';
import type { HeapGraph } from '../../../model/heap-graph.ts';
import type { Owner, OwnerScope } from '../../dialect.ts';
import { lastName, PYTHON } from '../../named/python.ts';
import { libraryVariable, pythonCode } from '../../named/python-code.ts';
import { kindTextOf, nameTextOf } from '../../named/tongue.ts';
import { keyReasons, placesOfClasses } from '../of-members.ts';
import { type CodeHints, literally, type Rule, type RuleMatch } from '../rule.ts';

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
            : kind === 'string'
              ? `The text in ${owner.text} only grows`
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
      remedy: kind === 'string' ? WRITE_OUT : libraryVariable(owner) === null ? LIMIT : endedBy(owner),
    };
  },
};

const LIMIT: RuleMatch['remedy'] = {
  summary:
    'Give it a limit (collections.OrderedDict with popitem, deque(maxlen=…), cachetools.TTLCache), or remove entries where their life ends.',
  example:
    'while len(CACHE) >= MAX:\n    CACHE.pop(next(iter(CACHE)))   # a dict keeps the order of insertion',
};

const WRITE_OUT: RuleMatch['remedy'] = {
  summary:
    'Write it out piece by piece (a file, a response that streams), or empty it when it was sent; each += also copies all of it.',
  example: 'out.write(line)      # not: self.text += line',
};

/** What a library keeps is not the program's to empty: it goes when the program ends what it began. */
function endedBy(owner: Owner): RuleMatch['remedy'] {
  const what = lastName(owner.className ?? '');
  return {
    summary: `${what} keeps this on the program's behalf: end what each request begins with it (commit, close, disconnect, remove), use one ${what} for each request, or look for a limit among its options.`,
    example: `with make_${what.toLowerCase()}() as it:   # ends with the request, on every way out\n    handle(it)`,
  };
}

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
