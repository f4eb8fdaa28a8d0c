import { StanchError } from '../base/errors.ts';
import type { LongCall } from '../base/progress.ts';
import { joinAllocations } from '../diagnosis/allocations/join-allocations.ts';
import { diagnose } from '../diagnosis/diagnose.ts';
import { SourceMatcher } from '../diagnosis/source-match.ts';
import type { Diagnosis } from '../model/finding.ts';
import type { StackProfile } from '../model/stack-profile.ts';
import type { Evidence } from '../sources/evidence.ts';
import { type FindEvidenceOptions, findEvidence } from '../sources/find-evidence.ts';
import { inOrder } from '../sources/in-order.ts';
import { readSourceTree } from '../sources/source-tree.ts';
import { diagnoseProfiles } from './diagnose-profiles.ts';

/** How files are diagnosed. */
export interface DiagnoseFilesOptions extends LongCall, FindEvidenceOptions {
  /** Folder of the service's own code: findings then carry file and line in it. */
  source?: string | undefined;
  /** At most so many findings (10). */
  top?: number | undefined;
  /** Operations that the program did between the first and the last dump, for growth per operation. */
  operations?: number | undefined;
}

/**
 * Names the causes of growth between dumps of one process, given as files and folders in any order; what
 * `stanch diagnose` does.
 *
 * @returns the diagnosis, and the evidence as it was sorted: what could not be read is there with the reason
 * @throws StanchError with exit code 3 when no evidence can be read
 * @example
 * import { diagnoseFiles } from 'stanch';
 *
 * const { diagnosis } = await diagnoseFiles(['A.heapsnapshot', 'B.heapsnapshot', 'C.heapsnapshot']);
 * process.stdout.write(`${diagnosis.verdict}: ${diagnosis.summary}\n`);
 * for (const { rank, title, growth } of diagnosis.findings) {
 *   process.stdout.write(`${rank}. ${title}: ${growth.bytes} bytes\n`);
 * }
 */
export async function diagnoseFiles(
  paths: readonly string[],
  options: DiagnoseFilesOptions = {},
): Promise<{ diagnosis: Diagnosis; evidence: Evidence }> {
  const { source, stdin, partial, asGiven, top, operations, ...call } = options;
  const tree = source === undefined ? null : readSourceTree(source);
  const found = await findEvidence(paths, { stdin, partial, asGiven });
  if (found.dumps.length === 0) {
    return diagnoseProfiles(found, {
      ...call,
      source: tree,
      ...(top === undefined ? {} : { top }),
      ...(operations === undefined ? {} : { operations }),
    });
  }
  const { result, evidence } = await inOrder(found, 1, (dumps) =>
    diagnose(dumps, {
      ...call,
      source: tree,
      ...(top === undefined ? {} : { top }),
      ...(operations === undefined ? {} : { operations }),
    }),
  );
  const profiles = await profilesOf(evidence, result.runtime, call);
  const matcher = tree ? new SourceMatcher(tree) : null;
  return { diagnosis: joinAllocations(result, profiles, matcher), evidence };
}

/** Profiles of the runtime that the dumps are of; those that cannot be read are left out. */
async function profilesOf(evidence: Evidence, runtime: string, call: LongCall): Promise<StackProfile[]> {
  const profiles: StackProfile[] = [];
  for (const item of evidence.profiles) {
    try {
      const content = await item.load(call);
      if (content.kind === 'stack-profile' && content.profile.runtime === runtime)
        profiles.push(content.profile);
    } catch (error) {
      if (!(error instanceof StanchError)) throw error;
    }
  }
  return profiles;
}
