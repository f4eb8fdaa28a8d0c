import { EDGE_KIND_MASK, EDGE_NOT_RETAINING, type HeapGraph, sourceOf } from '../../../model/heap-graph.ts';
import type { SourceLocation } from '../../../model/source-location.ts';
import { authorOf, shortFile } from '../../authorship.ts';
import { kindTextOf, nameTextOf } from '../../named/tongue.ts';
import type { Rule } from '../rule.ts';

/** What `threading.Thread` keeps of what it was told to run; a subclass has a `run` of its own. */
const RUNS = /^(?:_target|__func__|function|run)$/;
const MAX_STEPS = 4;

/** Threads that are started and never end: each keeps its stack and all that its function refers to. */
export const threadLeak: Rule = {
  id: 'thread-leak',
  runtime: 'python',
  pattern: 'task-leak',
  match({ group, members, graph }) {
    if (!group.owner.text.startsWith('(threads)') || group.sites.length === 0) return null;
    const samples = group.sites.flatMap((site) => site.samples);
    const runs = mostFrequent(samples.flatMap((sample) => functionOf(graph, sample) ?? []));
    const subclass = members.classes.find(({ location }) => location && authorOf(location.file) === 'user');
    const what = runs?.name ?? subclass?.name ?? null;
    return {
      fit: 0.93,
      title: `Threads are started and never end${what ? `: they run ${what}` : ''}`,
      adds: null,
      allocates: [...(runs ? [runs.place] : []), ...(subclass?.location ? [subclass.location] : [])],
      code: {
        adds: [
          /\bThread\s*\(/,
          ...(subclass ? [new RegExp(`\\b${subclass.name.split('.').at(-1)}\\s*\\(`)] : []),
        ],
        removes: [/\.\s*join\s*\(\s*(?:timeout|\d|\))/],
      },
      reasons: [
        'a living thread is a root: its stack, its local variables and what its function refers to stay as long as it waits',
        ...(runs ? [`the newest run ${runs.name} at ${shortFile(runs.place.file)}:${runs.place.line}`] : []),
      ],
      against: [],
      remedy: {
        summary:
          'Give what the thread waits for an end (a timeout, an event that is set, None in its queue), or hand the work to a pool of fixed size.',
        example: 'with ThreadPoolExecutor(max_workers=8) as pool:\n    pool.submit(work, job)',
      },
    };
  },
};

interface Run {
  readonly name: string;
  readonly place: SourceLocation;
}

/** The function that a thread was given, through bound methods and partials. */
function functionOf(graph: HeapGraph, thread: number): Run | null {
  let node = thread;
  for (let step = 0; step < MAX_STEPS; step++) {
    let next = -1;
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
      if ((graph.edgeKind[edge]! & EDGE_NOT_RETAINING) !== 0) continue;
      const kind = graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK];
      const target = graph.edgeTarget[edge]!;
      if (kind === 'element' || !RUNS.test(graph.strings.head(graph.edgeName[edge]!, 12))) continue;
      if (kindTextOf(graph, target) !== 'class') next = target;
    }
    if (next < 0) return null;
    const place = kindTextOf(graph, next) === 'closure' ? sourceOf(graph, next) : null;
    if (place) return { name: nameTextOf(graph, next), place };
    node = next;
  }
  return null;
}

function mostFrequent(runs: readonly Run[]): Run | null {
  const counts = new Map<string, number>();
  for (const { name } of runs) counts.set(name, (counts.get(name) ?? 0) + 1);
  return runs.toSorted((a, b) => counts.get(b.name)! - counts.get(a.name)!)[0] ?? null;
}
