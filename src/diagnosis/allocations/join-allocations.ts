import { gain } from '../../base/gain.ts';
import { formatBytes } from '../../base/units.ts';
import type { Diagnosis, Finding } from '../../model/finding.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import type { SourceMatcher } from '../source-match.ts';
import { allocationSites, liveColumn } from './allocation-sites.ts';

const MIN_BYTES = 16_000;

/**
 * Adds to the findings of a graph what profiles of the same time say: which lines of a finding's own file allocated more and more.
 * The graph tells who holds, the profile where it came from; that both are of one growth, the file alone says, so that it is told as
 * evidence and changes no figure.
 */
export function joinAllocations(
  diagnosis: Diagnosis,
  profiles: readonly StackProfile[],
  source: SourceMatcher | null,
): Diagnosis {
  const live = profiles.filter((profile) => liveColumn(profile, 'bytes') >= 0);
  if (live.length < 2) return diagnosis;
  const sites = allocationSites(live)
    .filter((site) => gain(site.bytes) >= MIN_BYTES)
    .map((site) => ({ site, file: source?.fileFor(site.file) ?? site.file }));
  const findings = diagnosis.findings.map((finding): Finding => {
    const files = [finding.location, ...finding.alsoSee].flatMap((place) => (place ? [place.file] : []));
    const own = sites
      .filter(({ file }) => files.some((each) => each === file || file.endsWith(`/${each}`)))
      .slice(0, 2);
    if (own.length === 0) return finding;
    return {
      ...finding,
      alsoSee: [
        ...finding.alsoSee,
        ...own
          .filter(
            ({ file, site }) =>
              !finding.alsoSee.some((place) => place.file === file && place.line === site.line),
          )
          .map(({ file, site }) => ({ file, line: site.line, role: 'allocates' as const })),
      ],
      reasons: [
        ...finding.reasons,
        ...own.map(
          ({ file, site }) =>
            `what ${file}:${site.line} allocates grew by ${formatBytes(gain(site.bytes))} in the ${live[0]!.format} profiles of the same time`,
        ),
      ],
    };
  });
  return { ...diagnosis, findings };
}
