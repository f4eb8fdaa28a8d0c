import { pythonCode } from '../../named/python-code.ts';
import type { Rule } from '../rule.ts';

/** A default argument that is changed: Python evaluates it once, when the function is defined. */
export const sharedMutableDefault: Rule = {
  id: 'shared-mutable-default',
  runtime: 'python',
  pattern: 'shared-mutable-default',
  match({ group, members }) {
    const { owner } = group;
    if (owner.scope !== 'default-argument') return null;
    return {
      fit: 0.95,
      title: `The default of \`${owner.name}\` is one object for all calls, and grows: ${owner.text}`,
      adds: owner.holds,
      code: pythonCode(owner, members.keyPatterns),
      reasons: [
        'Python evaluates a default once, when the function is defined: each call that leaves the argument out gets the same object',
      ],
      against: [],
      remedy: {
        summary: 'Use None as the default and make the collection in the call.',
        example: 'def collect(item, acc=None):\n    acc = [] if acc is None else acc',
      },
    };
  },
};
