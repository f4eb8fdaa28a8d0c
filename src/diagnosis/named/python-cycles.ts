import { type PythonFacts, pythonFactsOf } from '../../formats/python-gc/facts.ts';
import type { HeapGraph } from '../../model/heap-graph.ts';
import type { KnownGrowth } from '../known/known-growth.ts';
import type { NodeStep } from '../node-path.ts';
import { kindTextOf, nameTextOf } from './tongue.ts';

/** How the owner of cycles is called that nobody holds and nobody collects. */
export const LOOSE_CYCLES = 'reference cycles that nobody collects';
const OTHER = '(other)';
/** Of the label that the reader gives to the first object of a cycle. */
const CYCLE = /\bcycle\b/;
const DEBUG_SAVEALL = 32;

/** Why cycles stay for ever in this process; null when its collector does its work. */
export function whyNotCollected(facts: PythonFacts | null): string | null {
  if (facts === null) return null;
  if (facts.gc.enabled === false) return 'the collector is off (gc.disable)';
  if (facts.gc.frozen > 0)
    return `${facts.gc.frozen.toLocaleString('en-US')} objects are frozen (gc.freeze): the collector never looks at them again`;
  if (facts.gc.thresholds[0] === 0) return 'the collector never starts by itself (gc.set_threshold(0))';
  return (facts.gc.debug & DEBUG_SAVEALL) !== 0
    ? 'gc.DEBUG_SAVEALL (part of gc.DEBUG_LEAK) keeps all garbage in gc.garbage'
    : null;
}

/** The owner of a path that begins with a cycle that nothing holds, in a process that does not collect it; else null. */
export function looseCycleText(graph: HeapGraph, path: readonly NodeStep[]): string | null {
  const group = path[1];
  if (!group || kindTextOf(graph, group.node) !== 'synthetic' || nameTextOf(graph, group.node) !== OTHER)
    return null;
  if (whyNotCollected(pythonFactsOf(graph)) === null) return null;
  const first = path[2];
  // A member directly below the group has no label here; what C code holds besides is seldom many.
  if (first && !CYCLE.test(graph.strings.head(graph.edgeName[first.edge]!, 60))) return null;
  return LOOSE_CYCLES;
}

/** While the collector works, cycles that wait for it are no leak: a full collection may be long in coming. */
export function knownCycles(graph: HeapGraph): readonly KnownGrowth[] {
  const facts = pythonFactsOf(graph);
  if (facts === null || whyNotCollected(facts) !== null) return [];
  return [
    {
      path: /^[^→]*\(other\) → #[^→]*\bcycle\b/,
      why: 'cycles that the collector, which is on, has not taken yet; what is still there after gc.collect() is held by C code',
      seen: 'Python 3.8 to 3.14',
    },
  ];
}
