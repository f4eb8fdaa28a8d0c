import { diffProfiles } from '../analysis/stacks/diff.ts';
import { type TopOptions, type TopTable, top } from '../analysis/stacks/top.ts';
import { UsageError } from '../base/errors.ts';
import type { LongCall } from '../base/progress.ts';
import type { StackProfile } from '../model/stack-profile.ts';
import type { Evidence } from '../sources/evidence.ts';

/** How profiles are compared. */
export interface CompareProfilesOptions extends LongCall, TopOptions {
  /** Scale the later profile to the sum of the earlier one: compares how it is spread. */
  normalise?: boolean;
}

/** What changed between two profiles, by function or line, as `go tool pprof -top -diff_base` counts it. */
export interface ProfileDiff {
  readonly before: string;
  readonly after: string;
  readonly table: TopTable;
  readonly warnings: readonly string[];
}

/**
 * Compares the first and the last of several profiles of one kind.
 *
 * @throws UsageError when there are fewer than two, or they have no sample type in common
 */
export async function compareProfiles(
  { profiles }: Evidence,
  options: CompareProfilesOptions = {},
): Promise<ProfileDiff> {
  const read: { file: string; profile: StackProfile }[] = [];
  for (const item of profiles) {
    const content = await item.load(options);
    if (content.kind === 'stack-profile') read.push({ file: item.file, profile: content.profile });
  }
  const [before] = read;
  const after = read.at(-1);
  if (!before || !after || read.length < 2) {
    throw new UsageError(
      'a comparison needs two profiles with values (pprof, tracemalloc, memray)',
      'stanch diagnose compares goroutine dumps',
    );
  }
  const [one, other] = [before, after].map(({ profile }) => profile.mappings[0]?.buildId ?? '');
  const difference = diffProfiles(before.profile, after.profile, { normalise: options.normalise ?? false });
  return {
    before: before.file,
    after: after.file,
    table: top(difference, options),
    warnings:
      one !== '' && other !== '' && one !== other
        ? [`the profiles are of different builds (${one}, ${other})`]
        : [],
  };
}
