import { EXIT, FormatError, StanchError } from '../base/errors.ts';
import type { LongCall } from '../base/progress.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { type Evidence, type EvidenceDump, labelOf } from './evidence.ts';

/** A result that knows whether its dumps are of one process. */
interface OfOneProcess {
  readonly sameProcess: boolean;
}

/**
 * Runs a calculation over dumps and makes sure of what can be known only after reading them: a dump that turns out
 * to be damaged is left out, and dumps of one process that turn out to be in the wrong order (later ones have higher
 * ids, or say when they were taken) are put right. In both cases the calculation runs again.
 *
 * @param fewest dumps that the calculation needs
 * @throws what the calculation throws, and the FormatError of a dump when fewer than `fewest` are left
 */
export async function inOrder<Result extends OfOneProcess>(
  evidence: Evidence,
  fewest: number,
  calculate: (dumps: readonly EvidenceDump[]) => Promise<Result>,
): Promise<{ result: Result; evidence: Evidence }> {
  let current = evidence;
  for (let mayReorder = true; ; ) {
    const ages = new Map<string, number>();
    let broken: { dump: EvidenceDump; error: StanchError } | null = null;
    const watched = current.dumps.map((dump) => ({
      ...dump,
      async load(options: LongCall): Promise<HeapGraph> {
        try {
          const graph = await dump.load(labelled(options, dump.label));
          const age = ageOf(graph);
          if (age !== null) ages.set(dump.label, age);
          return graph;
        } catch (error) {
          if (isUnreadable(error)) broken = { dump, error };
          throw error;
        }
      },
    }));
    let result: Result;
    try {
      result = await calculate(watched);
    } catch (error) {
      const culprit = broken as { dump: EvidenceDump; error: StanchError } | null;
      if (!culprit || culprit.error !== error) throw error;
      if (current.dumps.length - 1 < fewest) throw error;
      current = without(current, culprit.dump, culprit.error);
      continue;
    }
    const byAge = inOrderOfAge(current.dumps, ages);
    if (!mayReorder || !result.sameProcess || byAge === null) return { result, evidence: current };
    mayReorder = false;
    current = {
      ...current,
      dumps: byAge.map((dump, at) => ({ ...dump, label: labelOf(at) })),
      notes: [
        ...current.notes,
        `ordered by what the dumps hold, not by their names: ${byAge.map(({ file }) => file).join(', ')}`,
      ],
    };
  }
}

/** Progress says which of the dumps it is about: `read B`. */
function labelled(options: LongCall, label: string): LongCall {
  const { onProgress } = options;
  if (!onProgress) return options;
  return { ...options, onProgress: (step, done, total) => onProgress(`${step} ${label}`, done, total) };
}

function isUnreadable(error: unknown): error is StanchError {
  return error instanceof FormatError || (error instanceof StanchError && error.exitCode === EXIT.unreadable);
}

function without(evidence: Evidence, dump: EvidenceDump, error: StanchError): Evidence {
  const reason = error.message.replace(`${dump.file}: `, '');
  return {
    dumps: evidence.dumps.filter(({ label }) => label !== dump.label),
    profiles: evidence.profiles,
    unreadable: [...evidence.unreadable, { file: dump.file, reason }],
    notes: evidence.notes,
  };
}

/** The dumps by age when that is another order than theirs; null when it is the same or not all were read. */
function inOrderOfAge(
  dumps: readonly EvidenceDump[],
  ages: ReadonlyMap<string, number>,
): readonly EvidenceDump[] | null {
  if (!dumps.every(({ label }) => ages.has(label))) return null;
  const sorted = dumps.toSorted((a, b) => ages.get(a.label)! - ages.get(b.label)!);
  return sorted.every((dump, at) => dump.label === dumps[at]!.label) ? null : sorted;
}

/** V8 gives JS objects odd ids in ascending order as its snapshots first see them; an address says nothing of age. */
function ageOf({ nodeId, idKind, process }: HeapGraph): number | null {
  if (idKind === 'address') return process?.at ? Date.parse(process.at) : null;
  let highest = 0;
  for (let node = 0; node < nodeId.length; node++) {
    const id = nodeId[node]!;
    if (id > highest && (id & 1) === 1) highest = id;
  }
  return highest;
}
