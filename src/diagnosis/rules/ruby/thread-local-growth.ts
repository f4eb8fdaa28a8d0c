import { hintsFor, methodsGiving } from '../../named/ruby-code.ts';
import { keyReasons, placesOfClasses } from '../of-members.ts';
import { literally, type Rule } from '../rule.ts';
import { tracedReason } from './unbounded-collection.ts';

/** Growth under `Thread.current[…]`: threads of a server's pool never end, and so their variables never go. */
export const threadLocalGrowth: Rule = {
  id: 'thread-local-growth',
  runtime: 'ruby',
  pattern: 'thread-local-growth',
  match({ group, members, source, graph }) {
    const { owner } = group;
    if (owner.scope !== 'thread-local') return null;
    const name = literally(owner.name.replace(/^[[:\s"']+|[\]"'\s]+$/g, ''));
    const variable = `Thread\\.current(?:\\.thread_variable_(?:get|set))?\\s*[[(]\\s*:?["']?${name || '\\w+'}["']?\\s*[\\],)]`;
    const given = source
      ? methodsGiving(new RegExp(variable), source).map((method) => hintsFor(method, source))
      : [];
    return {
      fit: 0.9,
      title: `A variable of a thread that never ends grows: ${owner.text}`,
      adds: null,
      allocates: placesOfClasses(members),
      code: {
        adds: [
          new RegExp(
            `${variable}.*(?:<<|\\]\\s*(?:\\|\\||\\+)?=(?![=~])|\\.(?:push|store|add|merge!|concat)\\b)`,
          ),
          ...given.flatMap(({ adds }) => adds),
        ],
        removes: [
          new RegExp(
            `${variable}\\s*=\\s*(?:nil|\\[\\]|\\{\\}|\\w+\\.new)|${variable}\\.(?:clear|delete|shift|pop)\\b`,
          ),
          ...given.flatMap(({ removes }) => removes),
        ],
        // `cache = Thread.current[:cache]`, and the line that adds to it under that name.
        alias: { pattern: new RegExp(`(\\w+)\\s*=\\s*\\(?${variable}`), code: hintsFor },
        makes: [new RegExp(variable)],
      },
      reasons: [
        ...tracedReason(graph, group),
        'threads of a pool serve one request after the other: what a request leaves in Thread.current is there for the next',
        ...keyReasons(members),
      ],
      against: [],
      remedy: {
        summary:
          'Clear it when the request ends, on every way out, or use ActiveSupport::CurrentAttributes, which does.',
        example: 'begin\n  app.call(env)\nensure\n  Thread.current[:request_log] = nil\nend',
      },
    };
  },
};
