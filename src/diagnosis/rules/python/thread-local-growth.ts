import { pythonCode } from '../../named/python-code.ts';
import type { Rule } from '../rule.ts';

/** Growth in a `threading.local` or a `ContextVar`: threads of a pool never end. */
export const threadLocalGrowth: Rule = {
  id: 'thread-local-growth',
  runtime: 'python',
  pattern: 'thread-local-growth',
  match({ group, members, shapes }) {
    const isContext = shapes.some((shape) => /(?:^|\.)(?:ContextVar|Context)$/.test(shape));
    if (group.owner.scope !== 'thread-local' && !isContext) return null;
    return {
      fit: 0.9,
      title: `${isContext ? 'A context variable' : 'A variable of a thread that never ends'} grows: ${group.owner.text}`,
      adds: null,
      code: pythonCode(group.owner, members.keyPatterns),
      reasons: [
        'threads of a pool serve one request after the other: what a request leaves there stays for the next',
      ],
      against: [],
      remedy: {
        summary: 'Reset it when the request ends, on every way out.',
        example: 'token = REQUEST.set(request)\ntry:\n    handle()\nfinally:\n    REQUEST.reset(token)',
      },
    };
  },
};
