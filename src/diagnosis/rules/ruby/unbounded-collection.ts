import type { Owner, OwnerScope } from '../../dialect.ts';
import { namesAddedTo, opens, rubyCode } from '../../named/ruby-code.ts';
import type { SourceMatcher } from '../../source-match.ts';
import type { CodeHints, Rule } from '../rule.ts';

const WHERE: Partial<Record<OwnerScope, string>> = {
  class: 'an instance variable of the class itself: it lives as long as the process',
  constant: 'a constant: it lives as long as the process',
  global: 'a global: it lives as long as the process',
};

/** A Hash, Array, Set or String that gains and never loses. */
export const unboundedCollection: Rule = {
  id: 'unbounded-collection',
  runtime: 'ruby',
  pattern: 'unbounded-collection',
  match({ group, members, source }) {
    const { owner } = group;
    const kind = owner.collectionKind;
    const text = kind === 'string';
    if (kind === 'other' && group.own.length === 0) return null;
    const gained = group.objects[group.objects.length - 1]! - group.objects[0]!;
    const inferred = inferNames(owner, source);
    const where = owner.scope ? WHERE[owner.scope] : undefined;
    return {
      fit: kind === 'other' || kind === 'closure' ? 0.5 : 0.8,
      title: text
        ? `The text in ${owner.text} only grows`
        : gained > 0
          ? `${owner.text} (${kind}) gains entries and never loses them`
          : `${owner.text} grows and never shrinks`,
      adds: null,
      allocates: members.classes.flatMap((entry) => (entry.location ? [entry.location] : [])),
      code: inferred?.code ?? rubyCode(owner, members.keyPatterns),
      reasons: [
        ...(where ? [`it is kept by ${where}`] : []),
        ...(inferred ? [inferred.reason] : []),
        ...(members.keyPatterns.length > 0
          ? [`newest keys look like ${members.keyPatterns.join(', ')}`]
          : []),
        ...(members.duplicateShare >= 0.6
          ? [
              `${Math.round(members.duplicateShare * 100)} % of the bytes sampled are strings that another string there repeats`,
            ]
          : []),
        ...(members.keys.length > 0 ? [`entries have ${members.keys.slice(0, 6).join(', ')}`] : []),
      ],
      against: [],
      remedy: {
        summary:
          'Give it a limit or a time to live (ActiveSupport::Cache::MemoryStore has both), key it by something bounded, or delete entries where their life ends.',
        example:
          '@cache.shift if @cache.size >= MAX   # a Hash keeps the order of insertion\n@cache[user_id] = preferences',
      },
    };
  },
};

/** Without a names file the source of the class may tell which of its names it is. */
export function inferNames(
  owner: Owner,
  source: SourceMatcher | null,
): { code: CodeHints; reason: string } | null {
  if (!source || !owner.className || (owner.name !== '' && !/^\[?\]?$/.test(owner.name))) return null;
  const names = namesAddedTo(owner.className, source);
  if (names.length === 0) return null;
  return {
    code: { ...rubyCode({ ...owner, name: `one of ${names.join(', ')}` }), within: opens(owner.className) },
    reason: `the dump does not name it; in the source of ${owner.className} ${names.length === 1 ? `only ${names[0]} is` : `${names.join(', ')} are`} added to and never emptied`,
  };
}
