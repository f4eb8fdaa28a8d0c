import { gain } from '../../../base/gain.ts';
import type { Owner, OwnerScope } from '../../dialect.ts';
import { nameOfEdge } from '../../named/owner.ts';
import { allocationReason } from '../../named/ruby-allocations.ts';
import {
  DEFINES,
  globalsAddedTo,
  makingMembers,
  mutableNames,
  namesAddedTo,
  opens,
  rubyCode,
} from '../../named/ruby-code.ts';
import type { SourceMatcher } from '../../source-match.ts';
import { keyReasons, placesOfClasses } from '../of-members.ts';
import type { CodeHints, Rule, RuleMatch, Suspect } from '../rule.ts';

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
  match({ group, members, source, graph }) {
    const { owner } = group;
    const kind = owner.collectionKind;
    const text = kind === 'string';
    // A class keeps its methods as it keeps its variables, under no name of a reader's.
    const methods = group.sites.length > 0 && group.sites.every(({ shape }) => shape.text === '(imemo ment)');
    const names =
      group.sites.length > 0 && group.sites.every(({ label }) => label === '.*')
        ? nameKind(group, graph)
        : null;
    if (kind === 'other' && group.own.length === 0 && names === null) return null;
    const gained = gain(group.objects);
    const inferred = inferNames(owner, source);
    const where = owner.scope ? WHERE[owner.scope] : undefined;
    return {
      fit: names ? 0.85 : kind === 'other' || kind === 'closure' ? 0.5 : 0.8,
      title: names
        ? `${owner.text} gains ${names} under ever new names and never loses them`
        : methods
          ? `${owner.text} gains methods at run time and never loses them`
          : text
            ? `The text in ${owner.text} only grows`
            : gained > 0
              ? `${owner.text} (${kind}) gains entries and never loses them`
              : `${owner.text} grows and never shrinks`,
      adds: null,
      allocates: placesOfClasses(members),
      code: {
        ...(names
          ? NAMING[names]
          : methods
            ? {
                adds: [DEFINES],
                removes: [/\b(?:remove|undef)_method\b/],
                within: opens(owner.className ?? owner.name),
              }
            : (inferred?.code ?? rubyCode(owner, members.keyPatterns, source))),
        makes: makingMembers(members),
      },
      reasons: [
        ...(where ? [`it is kept by ${where}`] : []),
        ...(inferred ? [inferred.reason] : []),
        ...tracedReason(graph, group),
        ...keyReasons(members),
        ...(members.duplicateShare >= 0.6
          ? [
              `${Math.round(members.duplicateShare * 100)} % of the bytes sampled are strings that another string there repeats`,
            ]
          : []),
        ...(members.keys.length > 0 ? [`entries have ${members.keys.slice(0, 6).join(', ')}`] : []),
      ],
      against: [],
      remedy: names ? KEYS_INSTEAD_OF_NAMES : text ? WRITE_OUT : LIMIT,
    };
  },
};

/** For collections of any kind. */
export const LIMIT: Remedy = {
  summary:
    'Give it a limit or a time to live (ActiveSupport::Cache::MemoryStore has both), key it by something bounded, or delete entries where their life ends.',
  example:
    '@cache.shift if @cache.size >= MAX   # a Hash keeps the order of insertion\n@cache[user_id] = preferences',
};
const WRITE_OUT: Remedy = {
  summary: 'Write the text out and empty it (a file, a socket, a log device), or keep its end only.',
  example: 'file.write(@buffer)\n@buffer.clear',
};
const KEYS_INSTEAD_OF_NAMES: Remedy = {
  summary:
    'Keep what varies under keys of one Hash that has a limit: names are never given back, and cannot be counted or dropped as entries can.',
  example:
    '@filters.shift if @filters.size >= MAX\n@filters[user_id] = filter   # not instance_variable_set("@filter_#{user_id}", filter)',
};

type Remedy = RuleMatch['remedy'];
type Names = 'instance variables' | 'constants';

/** Lines that make a name at run time. */
const NAMING: Readonly<Record<Names, CodeHints>> = {
  'instance variables': {
    adds: [/\b(?:instance_variable_set|class_variable_set)\b/],
    removes: [/\bremove_(?:instance|class)_variable\b/],
  },
  constants: { adds: [/\bconst_set\b/], removes: [/\bremove_const\b/] },
};

/** Variables, or constants: those are what a class or module gains under a name that begins with a capital letter. */
function nameKind({ path }: Suspect['group'], graph: Suspect['graph']): Names {
  const last = path.at(-1);
  return last && nameOfEdge(graph, last.edge).startsWith('@') ? 'instance variables' : 'constants';
}

/** Where the members were made, if the dump was traced. */
export function tracedReason(graph: Suspect['graph'], group: Suspect['group']): string[] {
  const samples = group.sites.filter(({ label }) => label !== '[key]').flatMap((site) => site.samples);
  const reason = allocationReason(graph, samples);
  return reason === null ? [] : [reason];
}

/** Without a names file the source of the class may tell which of its names it is. */
export function inferNames(
  owner: Owner,
  source: SourceMatcher | null,
): { code: CodeHints; reason: string; names: readonly string[] } | null {
  if (!source) return null;
  if (!owner.isNamed && owner.text.startsWith('(global_tbl)')) {
    const names = globalsAddedTo(source);
    return told(
      owner,
      names,
      source,
      null,
      `it is a global, and ${names.join(', ')} are added to in the source`,
    );
  }
  const { className } = owner;
  if (!className || (owner.name !== '' && !/^\[?\]?$/.test(owner.name))) return null;
  const within = opens(className);
  const names = namesAddedTo(className, owner.collectionKind, source);
  if (names.length > 0)
    return told(
      owner,
      names,
      source,
      within,
      `the dump does not name it; in the source of ${className} ${names.length === 1 ? `only ${names[0]} is` : `${names.join(', ')} are`} added to and never emptied`,
    );
  const mutable = mutableNames(className, source);
  return told(
    owner,
    mutable,
    source,
    within,
    `the dump does not name it; what the source of ${className} gives an object that may be changed is ${mutable.join(', ')}`,
  );
}

function told(
  owner: Owner,
  names: readonly string[],
  source: SourceMatcher,
  within: RegExp | null,
  reason: string,
): { code: CodeHints; reason: string; names: readonly string[] } | null {
  if (names.length === 0) return null;
  const code = rubyCode({ ...owner, name: `one of ${names.join(', ')}` }, [], source);
  return { code: { ...code, within }, reason, names };
}
