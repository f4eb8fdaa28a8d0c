import type { OwnerScope } from '../../dialect.ts';
import { pythonCode } from '../../named/python-code.ts';
import type { Rule } from '../rule.ts';

const WHERE: Partial<Record<OwnerScope, string>> = {
  module: 'a global of a module: it lives as long as the process',
  class: 'an attribute of the class itself: all instances share it, as long as the process lives',
};

/** A dict, list, set or deque that gains and never loses. */
export const unboundedCollection: Rule = {
  id: 'unbounded-collection',
  runtime: 'python',
  pattern: 'unbounded-collection',
  match({ group, members }) {
    const { owner } = group;
    const kind = owner.collectionKind;
    if (kind === 'closure' || (kind === 'other' && group.own.length === 0)) return null;
    const gained = group.objects[group.objects.length - 1]! - group.objects[0]!;
    const where = owner.scope ? WHERE[owner.scope] : undefined;
    return {
      fit: kind === 'other' ? 0.5 : 0.8,
      title:
        gained > 0
          ? `${owner.text} (${kind}) gains entries and never loses them`
          : `${owner.text} grows and never shrinks`,
      adds: null,
      allocates: members.classes.flatMap((entry) => (entry.location ? [entry.location] : [])),
      code: pythonCode(owner, members.keyPatterns),
      reasons: [
        ...(where ? [`it is kept by ${where}`] : []),
        ...(members.keyPatterns.length > 0
          ? [`newest keys look like ${members.keyPatterns.join(', ')}`]
          : []),
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
