import { gain } from '../../base/gain.ts';
import type { LongCall } from '../../base/progress.ts';
import { formatBytes, formatShare } from '../../base/units.ts';
import type { Diagnosis, EvidenceItem, Finding } from '../../model/finding.ts';
import type { SourceTree } from '../../model/source-tree.ts';
import { type StackProfile, totalOf } from '../../model/stack-profile.ts';
import { authorOf } from '../authorship.ts';
import { LEAK_CONFIDENCE, SUSPICION } from '../confidence.ts';
import type { GoInput } from '../go/moments.ts';
import { signatureOf } from '../signature.ts';
import { SourceMatcher } from '../source-match.ts';
import { isEven, trendOf } from '../trend.ts';
import { type AllocationSite, allocationSites, liveColumn } from './allocation-sites.ts';

export interface DiagnoseAllocationsOptions extends LongCall {
  source?: SourceTree | null;
  top?: number;
  operations?: number | null;
}

const DEFAULT_TOP = 10;
/** Growth of a line below this, or below this share of all growth, is not worth a finding. */
const MIN_BYTES = 16_000;
const MIN_SHARE = 0.02;
const WHERE_NOT_WHO = 'allocations tell where memory comes from, never who holds it';

/**
 * Names the lines whose allocations stay: profiles of live memory of one process (tracemalloc, memray), oldest first. Two show what
 * grew, three whether it goes on.
 */
export function diagnoseAllocations(
  inputs: readonly GoInput[],
  options: DiagnoseAllocationsOptions = {},
): Diagnosis {
  const used = inputs.filter(
    (input): input is GoInput & { profile: StackProfile } => input.profile !== undefined,
  );
  const evidence = used.map(evidenceOf);
  const profiles = used.map(({ profile }) => profile);
  const source = options.source ? new SourceMatcher(options.source) : null;
  const totals = profiles.map(liveBytes);
  const countsLive = profiles.every((profile) => liveColumn(profile, 'bytes') >= 0);
  const sites = profiles.length < 2 || !countsLive ? [] : allocationSites(profiles);
  const shrunk = sites.reduce((sum, { bytes }) => sum + Math.max(0, -gain(bytes)), 0);
  const gross = sites.reduce((sum, { bytes }) => sum + Math.max(0, gain(bytes)), 0);
  const findings = sites
    .filter(({ bytes }) => gain(bytes) >= Math.max(MIN_BYTES, MIN_SHARE * gross))
    .map((site) =>
      findingOf(site, { grown: gross, evidence, source, operations: options.operations ?? null }),
    )
    .filter(({ confidence }) => confidence >= 0.3)
    .sort((a, b) => Number(isLeak(b)) - Number(isLeak(a)) || b.growth.bytes - a.growth.bytes)
    .slice(0, options.top ?? DEFAULT_TOP)
    .map((finding, index) => ({ ...finding, id: `f-${index + 1}`, rank: index + 1 }));
  const verdict = findings.some(isLeak)
    ? 'leak'
    : findings.length > 0 || profiles.length < 3 || !countsLive
      ? 'inconclusive'
      : 'no-leak';
  const explainedBytes = findings.reduce((sum, { growth }) => sum + growth.bytes, 0);
  return {
    schema: 'stanch/diagnosis@1',
    runtime: profiles[0]?.runtime ?? 'native',
    verdict,
    confidence:
      verdict === 'leak'
        ? Math.max(...findings.map(({ confidence }) => confidence))
        : verdict === 'no-leak'
          ? 0.7
          : 0.5,
    summary: countsLive ? summaryOf(verdict, findings, { totals, explainedBytes, gross }) : notLive(profiles),
    sameProcess: true,
    evidence,
    growth: {
      fromBytes: totals[0] ?? 0,
      toBytes: totals.at(-1) ?? 0,
      grownBytes: gross,
      shrunkBytes: shrunk,
      explainedBytes,
      explainedShare: gross === 0 ? 0 : explainedBytes / gross,
      unexplained: gross > explainedBytes ? [{ what: 'other lines', bytes: gross - explainedBytes }] : [],
    },
    findings,
    harmless: [],
    claims: [],
    next: nextOf(verdict, profiles[0]?.runtime),
  };
}

/** Why profiles without bytes of what lives give no verdict. */
function notLive(profiles: readonly StackProfile[]): string {
  return profiles.every(({ sampleTypes }) => sampleTypes.every(({ unit }) => unit !== 'bytes'))
    ? 'Cannot tell: these count objects, and have neither bytes nor owners; stanch diff shows which grew.'
    : 'Cannot tell: these profiles count all that was ever allocated, which always grows, and not what lives.';
}

function findingOf(
  site: AllocationSite,
  context: {
    grown: number;
    evidence: readonly EvidenceItem[];
    source: SourceMatcher | null;
    operations: number | null;
  },
): Finding {
  const { grown, evidence, source, operations } = context;
  const trend = trendOf(site.bytes);
  const author = authorOf(site.file);
  const place = source?.locate({ file: site.file, line: site.line, column: 1 }) ?? site;
  const reasons: string[] = [];
  const against = [WHERE_NOT_WHO];
  let confidence = 0.4;
  if (trend === 'steady') {
    confidence += 0.15;
    reasons.push(`it grew in each of ${site.bytes.length - 1} intervals`);
    if (isEven(site.bytes)) {
      confidence += 0.08;
      reasons.push('it grew by about as much in each interval');
    }
  } else if (trend === 'stopped' || trend === 'none') {
    confidence -= 0.35;
    against.push('growth stopped before the last profile: a cache that filled, or warm-up');
  } else if (trend === 'slowing') {
    confidence -= 0.1;
    against.push('growth slows down in the last interval');
  } else against.push('two profiles cannot tell a leak from a cache that fills');
  if (author === 'user') {
    confidence += 0.07;
    reasons.push("the line is in the service's own code");
  } else confidence -= 0.1;
  const bytes = gain(site.bytes);
  const objects = gain(site.objects);
  if (bytes >= 0.25 * grown) reasons.push(`it is ${formatShare(bytes / Math.max(1, grown))} of all growth`);
  if (site.bytes.length < 3) confidence = Math.min(confidence, SUSPICION);
  const where = `${place.file}:${place.line}`;
  return {
    id: '',
    rank: 0,
    pattern: 'unknown-growth',
    title: `What ${where}${site.function ? ` (${site.function})` : ''} allocates stays`,
    owner: `unknown (allocated at ${where})`,
    location: { file: place.file, line: place.line, role: 'allocates' },
    alsoSee: site.caller ? [{ file: site.caller.file, line: site.caller.line, role: 'allocates' }] : [],
    growth: {
      objects,
      bytes,
      series: [...site.objects],
      bytesSeries: [...site.bytes],
      holders: 0,
      perHour: null,
      perOperation: operations ? objects / operations : null,
    },
    retainedBytes: null,
    members: [],
    alsoHeldBy: [],
    path: [],
    signature: signatureOf(['allocations', shortest(site.file), site.function, String(site.line)]),
    confidence: Math.round(Math.max(0.02, confidence) * 100) / 100,
    reasons,
    evidence: evidence.map(({ id }) => id),
    against,
    remedy: {
      summary: 'Find out who keeps what this line makes: a graph of the objects names the holder.',
      example: 'stanch diagnose A.pygc B.pygc C.pygc --source .',
      docs: 'docs/formats/python-tracemalloc.md',
    },
  };
}

function isLeak({ confidence }: Finding): boolean {
  return confidence >= LEAK_CONFIDENCE;
}

function shortest(file: string): string {
  return file.split(/[\\/]/).slice(-2).join('/');
}

function liveBytes(profile: StackProfile): number {
  const column = liveColumn(profile, 'bytes');
  return column < 0 ? 0 : totalOf(profile, column);
}

function evidenceOf(input: GoInput & { profile: StackProfile }, index: number): EvidenceItem {
  const { profile } = input;
  return {
    id: `e-${index + 1}`,
    label: input.label,
    kind: 'stack-profile',
    format: profile.format,
    file: input.file,
    sha256: input.sha256 ?? null,
    at: input.at,
    bytes: input.sizeBytes,
    objects: totalOf(profile, 0),
    heapBytes: liveBytes(profile),
    partial: null,
    warnings: [...profile.warnings],
  };
}

function summaryOf(
  verdict: Diagnosis['verdict'],
  findings: readonly Finding[],
  { totals, explainedBytes, gross }: { totals: readonly number[]; explainedBytes: number; gross: number },
): string {
  if (totals.length < 2) return 'Cannot tell yet: one profile shows what there is, not what grows.';
  const grew = `traced memory went from ${formatBytes(totals[0]!)} to ${formatBytes(totals.at(-1)!)}`;
  if (verdict === 'no-leak')
    return `No leak in what was traced: ${grew} over ${totals.length} profiles, and no line goes on growing.`;
  const share = `${formatShare(gross === 0 ? 0 : explainedBytes / gross)} of the growth`;
  const lines = `${findings.length} line${findings.length === 1 ? '' : 's'}`;
  if (verdict === 'leak')
    return `Leak: ${lines} allocate ${share}; ${grew}. Who holds it, profiles cannot tell.`;
  return `Cannot tell yet: ${grew}; ${lines} to watch, ${share}.`;
}

function nextOf(verdict: Diagnosis['verdict'], runtime: string | undefined): Diagnosis['next'] {
  const steps: Diagnosis['next'] = [];
  if (verdict === 'inconclusive')
    steps.push({
      command: 'stanch diagnose <one more profile>',
      why: 'one more profile after as much load again tells a leak from a cache that fills',
    });
  if (runtime === 'python' && verdict !== 'no-leak')
    steps.push({
      command: 'stanch diagnose A.pygc B.pygc C.pygc --source <checkout>',
      why: "object graphs, written by Stanch's agent for Python, tell who holds what these lines allocate",
    });
  return steps;
}
