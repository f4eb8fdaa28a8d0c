import { rubyCode } from '../../named/ruby-code.ts';
import { keyReasons, placesOfClasses } from '../of-members.ts';
import { literally, type Rule, type RuleMatch } from '../rule.ts';
import { inferNames, LIMIT, tracedReason } from './unbounded-collection.ts';

const OWN_COPIES: RuleMatch['remedy'] = {
  summary: 'Freeze the shared object and give each instance its own copy.',
  example:
    'DEFAULT_OPTIONS = { notify: true }.freeze\n@options = DEFAULT_OPTIONS.merge(options)   # a new Hash each time',
};

/** A class variable (`@@x`) that gains: all instances and subclasses share it, and it lives as long as the process. */
export const classVariableGrowth: Rule = {
  id: 'class-variable-growth',
  runtime: 'ruby',
  pattern: 'class-variable-growth',
  match({ group, members, source, graph }) {
    const { owner } = group;
    // A dump without names tells only the class: its source may leave no other choice.
    const inferred = owner.scope === 'class' ? inferNames(owner, source) : null;
    const isInferred = inferred?.names.every((each) => each.startsWith('@@')) ?? false;
    if (owner.scope !== 'class-variable' && !isInferred) return null;
    const name = (inferred?.names[0] ?? owner.name).replace(/^@@/, '');
    const handedOut = source
      ?.search(new RegExp(`=\\s*(?:self\\.class\\.|[A-Z]\\w*\\.)?@{0,2}${literally(name)}\\s*$`))
      .find(({ text }) => !/^\s*(?:@@|def\b)/.test(text));
    return {
      fit: 0.9,
      title: `The class variable ${owner.text} gains entries and never loses them`,
      adds: null,
      allocates: placesOfClasses(members),
      code: inferred?.code ?? rubyCode(owner, members.keyPatterns, source),
      reasons: [
        'a class variable is one object for the class, its subclasses and all instances, for as long as the process lives',
        ...(inferred ? [inferred.reason] : []),
        ...tracedReason(graph, group),
        ...(handedOut
          ? [
              `${handedOut.file}:${handedOut.line} hands out the object itself, not a copy: what is added there stays`,
            ]
          : []),
        ...keyReasons(members),
      ],
      against: [],
      // What is handed out is changed by whoever has it; what only its own class adds to is a cache.
      remedy: handedOut || !source ? OWN_COPIES : LIMIT,
    };
  },
};
