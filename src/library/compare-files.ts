import { compareTallies, type HeapDiff } from '../analysis/compare.ts';
import { type HeapTally, tallyOf } from '../analysis/tally.ts';
import { EXIT, StanchError, UsageError } from '../base/errors.ts';
import { breathe, type LongCall } from '../base/progress.ts';
import type { Evidence } from '../sources/evidence.ts';
import { type FindEvidenceOptions, findEvidence } from '../sources/find-evidence.ts';
import { inOrder } from '../sources/in-order.ts';

/** How files are compared. */
export interface CompareFilesOptions extends LongCall, FindEvidenceOptions {
  /** What `paths` are, where they were sorted out before: a pipe can be read only once. */
  found?: Evidence;
}

/**
 * Says what grew between two or more dumps, given as files and folders; what `stanch diff` does. Only one dump is in
 * memory with its references at a time.
 *
 * @returns the difference, with numbers by dump in the order of `evidence.dumps`
 * @throws UsageError when only one dump is given; StanchError with exit code 3 when fewer than two can be read
 * @example
 * import { compareFiles } from 'stanch';
 *
 * const { diff } = await compareFiles(['A.heapsnapshot', 'B.heapsnapshot', 'C.heapsnapshot']);
 * for (const { name, objects } of diff.classes.slice(0, 5)) {
 *   process.stdout.write(`${name}: ${objects.join(' -> ')}\n`);
 * }
 */
export async function compareFiles(
  paths: readonly string[],
  options: CompareFilesOptions = {},
): Promise<{ diff: HeapDiff; evidence: Evidence }> {
  const { signal, onProgress, found: known, ...finding } = options;
  const call: LongCall = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
  const found = known ?? (await findEvidence(paths, finding));
  if (found.dumps.length < 2) throw notEnough(found);
  const { result, evidence } = await inOrder(found, 2, async (dumps) => {
    // The last one first: it tells which kinds of plain objects there are.
    const last = tallyOf(await dumps[dumps.length - 1]!.load(call));
    const tallies: HeapTally[] = [];
    for (const dump of dumps.slice(0, -1)) {
      tallies.push(tallyOf(await dump.load(call), last.classes.interfaces));
      await breathe(signal);
    }
    return compareTallies([...tallies, last]);
  });
  return { diff: result, evidence };
}

function notEnough({ dumps, unreadable }: Evidence): StanchError {
  const [first] = unreadable;
  if (!first) return new UsageError(`a comparison needs two dumps, not only ${dumps[0]!.file}`);
  return new StanchError(`${first.file}: ${first.reason}`, {
    code: 'no-evidence',
    exitCode: EXIT.unreadable,
    hint: 'a comparison needs two dumps that can be read',
  });
}
