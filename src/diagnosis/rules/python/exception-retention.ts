import { gain } from '../../../base/gain.ts';
import type { HeapGraph } from '../../../model/heap-graph.ts';
import { pythonCode } from '../../named/python-code.ts';
import type { Rule } from '../rule.ts';

const ERROR = /(?:Error|Exception|Warning|Interrupt|Exit|traceback)$/;
/** So many members are looked at for a traceback of their own. */
const PROBES = 8;

/** Exceptions that are kept: each holds its traceback, that its frames, and those all their local variables. */
export const exceptionRetention: Rule = {
  id: 'exception-retention',
  runtime: 'python',
  pattern: 'stale-closure',
  match({ group, members, graph }) {
    const errors = group.sites.filter(
      ({ shape, samples }) =>
        ERROR.test(shape.text) || samples.slice(0, PROBES).some((node) => hasTraceback(graph, node)),
    );
    const gained = (sites: typeof errors) => sites.reduce((sum, { objects }) => sum + gain(objects), 0);
    if (errors.length === 0 || gained(errors) * 2 < gained([...group.sites])) return null;
    const names = [...new Set(errors.map(({ shape }) => shape.text))].slice(0, 3).join(', ');
    return {
      fit: 0.92,
      title: `Exceptions (${names}) are kept in ${group.owner.text}, and with each the frames it went through`,
      adds: null,
      code: pythonCode(group.owner, members.keyPatterns),
      reasons: [
        'an exception keeps its traceback, the traceback its frames, and each frame all local variables',
      ],
      against: [],
      remedy: {
        summary: 'Keep the text of the error rather than the error, or cut its traceback off.',
        example: 'ERRORS.append(repr(error))            # or: error.with_traceback(None)',
      },
    };
  },
};

/** What holds a traceback was raised, whatever its class is called. */
function hasTraceback(graph: HeapGraph, node: number): boolean {
  for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
    if (graph.strings.head(graph.nodeName[graph.edgeTarget[edge]!]!, 12) === 'traceback') return true;
  }
  return false;
}
