import { pythonFactsOf } from '../../../formats/python-gc/facts.ts';
import { authorOf, shortFile } from '../../authorship.ts';
import { pythonCode } from '../../named/python-code.ts';
import type { Rule } from '../rule.ts';

const TASK = /(?:^|\.)(?:Task|Future)$/;

/** asyncio tasks or futures that are kept: they wait for what never comes, or nobody drops them when they are done. */
export const taskLeak: Rule = {
  id: 'task-leak',
  runtime: 'python',
  pattern: 'task-leak',
  match({ group, members, graph }) {
    const isTask =
      members.classes.some(({ name }) => TASK.test(name)) ||
      group.sites.some(({ shape }) => TASK.test(shape.text));
    const isCoroutine = group.owner.text.startsWith('(asyncio)');
    if (!isTask && !isCoroutine) return null;
    const facts = pythonFactsOf(graph);
    const samples = new Set(group.sites.flatMap(({ samples: nodes }) => nodes));
    const tasks = facts?.tasks.filter(({ node }) => samples.has(node)) ?? [];
    const example = tasks.find(({ isDone }) => !isDone) ?? tasks[0];
    // The service's own line tells more than that of asyncio below it.
    const waits =
      example?.stack.findLast(({ place }) => place && authorOf(place.file) === 'user') ??
      example?.stack.at(-1);
    const innermost = example?.stack.at(-1);
    const within =
      innermost?.place && innermost !== waits
        ? `, in ${innermost.name || shortFile(innermost.place.file)}`
        : '';
    const done = tasks.filter(({ isDone }) => isDone).length;
    const waitsAt = waits?.place ? ` at ${shortFile(waits.place.file)}:${waits.place.line}` : '';
    return {
      fit: 0.93,
      title:
        done * 2 > tasks.length && tasks.length > 0
          ? `Finished tasks are kept in ${group.owner.text}`
          : `Tasks${example ? ` of ${example.coroutine}` : ''} never end${waitsAt ? `: they wait${waitsAt}${within}` : ''}`,
      adds: example?.startedAt ? { ...example.startedAt, column: 1 } : null,
      allocates: waits?.place ? [{ ...waits.place, column: 1 }] : [],
      code: {
        ...pythonCode(group.owner, members.keyPatterns),
        makes: [/\b(?:create_task|ensure_future)\s*\(/],
      },
      reasons: [
        ...(tasks.length > 0
          ? [`${tasks.length - done} of ${tasks.length} sampled tasks are not finished`]
          : []),
        ...(example?.waitsFor ? [`they wait for ${waitedFor(example.waitsFor)}`] : []),
      ],
      against: [],
      remedy: {
        summary:
          'Give what they wait for an end (asyncio.timeout, cancel on shutdown and disconnect), and drop finished tasks.',
        example: 'task = asyncio.create_task(work())\nTASKS.add(task)\ntask.add_done_callback(TASKS.discard)',
      },
    };
  },
};

/** What a task of C stands at is the iterator of a future: nobody has set that. */
function waitedFor(className: string): string {
  return /(?:^|\.)Future(?:Iter)?$/.test(className) ? 'a future that nobody has set' : `a ${className}`;
}
