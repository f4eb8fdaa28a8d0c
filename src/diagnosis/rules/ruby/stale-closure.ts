import { rubyCode } from '../../named/ruby-code.ts';
import type { CodeHints, Rule, RuleMatch } from '../rule.ts';
import { inferNames, tracedReason } from './unbounded-collection.ts';

/** Procs or lambdas that are kept, and with each everything in the scope where it was written: `self` as well. */
export const staleClosure: Rule = {
  id: 'stale-closure',
  runtime: 'ruby',
  pattern: 'stale-closure',
  match({ group, members, labels, source, graph }) {
    const functions =
      members.closures.length > 0 ||
      members.callbacks.length > 0 ||
      group.sites.some(({ shape }) => shape.category === 'closure' || shape.category === 'context');
    if (!functions || (members.closures.length === 0 && members.capturedShare < 0.5)) return null;
    const finalizers = group.owner.text.startsWith('finalizers');
    const variables = members.captured.slice(0, 4).join(', ');
    const isCallback = labels.some((label) =>
      /callback|subscriber|listener|handler|observer|hook/i.test(label),
    );
    return {
      fit: 0.88,
      title: finalizers
        ? `Finalizers are defined and never run: each keeps its whole scope${variables ? ` (${variables})` : ''}, most likely the object itself`
        : `${isCallback ? 'Callbacks' : 'Procs'} are kept in ${group.owner.text}, and each keeps its whole scope${variables ? ` (${variables})` : ''}`,
      adds: members.closures[0]?.location ?? members.callbacks[0]?.location ?? null,
      allocates: members.closures.slice(1).flatMap((closure) => (closure.location ? [closure.location] : [])),
      code:
        handedToRuby(group.owner.text) ??
        inferNames(group.owner, source)?.code ??
        rubyCode(group.owner, members.keyPatterns, source),
      reasons: [
        `${Math.round(members.capturedShare * 100)} % of the bytes below the members are held by scopes of Procs`,
        ...tracedReason(graph, group),
        'a Proc keeps all variables of the scope where it was written, and the object that was self there',
      ],
      against: [],
      remedy: finalizers
        ? NOT_ITSELF
        : {
            summary:
              'Take the Proc out of the list when its work is done, or make it in a method that gets only what it needs.',
            example:
              'def self.notifier(id) = -> { notify(id) }   # keeps an id, not the request\nhandlers << notifier(request.id)',
          },
    };
  },
};

const NOT_ITSELF: RuleMatch['remedy'] = {
  summary:
    'Make the finalizer in a method of the class: where it is written in the object itself, its Proc keeps self, and the object can never end.',
  example:
    'def self.cleaner(path) = proc { File.delete(path) }\nObjectSpace.define_finalizer(self, self.class.cleaner(path))',
};

/** Blocks that the interpreter itself keeps: there is one way in. */
function handedToRuby(ownerText: string): CodeHints | null {
  if (ownerText.startsWith('at_exit')) return { adds: [/\bat_exit\b/], removes: [] };
  if (ownerText.startsWith('finalizers'))
    return { adds: [/\bdefine_finalizer\b/], removes: [/\bundefine_finalizer\b/] };
  return null;
}
