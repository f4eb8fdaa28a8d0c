import { pythonCode } from '../../named/python-code.ts';
import type { Rule, Suspect } from '../rule.ts';

/** Functions that are kept, and with each the variables that it captured. */
export const staleClosure: Rule = {
  id: 'stale-closure',
  runtime: 'python',
  pattern: 'stale-closure',
  match({ group, members, graph }) {
    if (members.closures.length === 0) return null;
    const variables = members.captured.slice(0, 4).join(', ');
    return {
      fit: 0.88,
      title: areSuspended(group.sites)
        ? `Generators that did not end are kept in ${group.owner.text}, and each keeps its local variables${variables ? ` (${variables})` : ''}`
        : `Functions are kept in ${group.owner.text}, and each keeps what it captured${variables ? ` (${variables})` : ''}`,
      adds: members.closures[0]?.location ?? null,
      allocates: members.closures.slice(1).flatMap((closure) => (closure.location ? [closure.location] : [])),
      code: pythonCode(group.owner, members.keyPatterns, graph),
      reasons: [
        `${Math.round(members.capturedShare * 100)} % of the bytes below the members are held by captured variables`,
      ],
      against: [],
      remedy: {
        summary:
          'Take the function out of the list when its work is done, or bind only the values that it needs.',
        example: 'handlers.append(functools.partial(notify, request.id))   # not the request itself',
      },
    };
  },
};

/** The reader calls generators, coroutines and asynchronous generators by their kind and function. */
function areSuspended(sites: Suspect['group']['sites']): boolean {
  return sites.some(({ shape }) => /^(?:async_)?generator\b|^coroutine\b/.test(shape.text));
}
