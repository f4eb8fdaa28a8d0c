import type { Rule } from '../rule.ts';
import { tracedReason } from './unbounded-collection.ts';

/** Threads that are started and never end: each keeps its stack and all that its block closes over. */
export const threadLeak: Rule = {
  id: 'thread-leak',
  runtime: 'ruby',
  pattern: 'task-leak',
  match({ group, members, graph, growth }) {
    const threads = group.sites.filter(
      ({ holderPlace }) => growth.census.shapeOf(holderPlace).text === '(threads)',
    );
    if (threads.length === 0) return null;
    const started = members.callbacks[0] ?? null;
    return {
      fit: 0.93,
      title: 'Threads are started and never end',
      adds: started?.location ?? null,
      allocates: members.callbacks.slice(1).map(({ location }) => location),
      code: {
        adds: [/\bThread\.(?:new|start|fork)\b/],
        removes: [/\.(?:join|value|kill|exit|terminate)\b/],
      },
      reasons: [
        'a living thread is a root: its stack, its variables and what its block closes over stay as long as it waits',
        ...(started ? [`the newest were started with the block at ${started.text}`] : []),
        ...tracedReason(graph, group),
      ],
      against: [],
      remedy: {
        summary:
          'Give what the thread waits for an end (a timeout, a closed Queue), or hand the work to a pool of fixed size.',
        example: 'reply = answers.pop(timeout: 5)   # Ruby 3.2; before: Timeout.timeout(5) { answers.pop }',
      },
    };
  },
};
