import { placeOf } from '../../analysis/goroutines/signatures.ts';
import type { Finding, FindingLocation, PathStepView } from '../../model/finding.ts';
import type { GoFrame } from '../../model/goroutines.ts';
import { signatureOf } from '../signature.ts';
import { type AllocationLine, grown } from './allocations.ts';
import type { ExplainedGroup } from './explain-groups.ts';
import type { GoCode } from './go-code.ts';
import { goStatement, located } from './go-statement.ts';
import { shortFunction, shortPlace } from './names.ts';
import { STEP_NUMBER } from './proof.ts';

export interface FindingContext {
  readonly evidenceIds: readonly string[];
  /** Mean stack of a goroutine, by capture. */
  readonly stackBytes: readonly number[];
  /** Whether that was measured or is the least. */
  readonly isStackMeasured: boolean;
  readonly hours: number | null;
  readonly operations: number | null;
  readonly code: GoCode | null;
}

/** The contract's finding for a group of goroutines; `allocations` are the lines that allocate for it. */
export function goroutineFinding(
  { study, suspect, proof, rule, match }: ExplainedGroup,
  allocations: readonly AllocationLine[],
  rank: number,
  context: FindingContext,
): Finding {
  const { main, counts, index } = study.group;
  const { code } = context;
  const gained = counts.length > 1 ? Math.max(0, counts[counts.length - 1]! - counts[0]!) : 0;
  const sure = allocations.filter(({ isEnough }) => isEnough);
  const heapBytes = sure.reduce((sum, line) => sum + Math.max(0, grown(line)), 0);
  const stackBytes = gained * context.stackBytes[context.stackBytes.length - 1]!;
  const creation =
    match.location ??
    goStatement(main, code) ??
    (main.blame
      ? located(main.blame, 'holds', code)
      : main.creation
        ? located(main.creation, 'adds', code)
        : null);
  const blocked = main.blame ? located(main.blame, 'holds', code) : null;
  const alsoSee = unique([
    ...(blocked ? [blocked] : []),
    ...(main.creation && main.creationAuthor === 'user' ? [located(main.creation, 'adds', code)] : []),
    ...(suspect.reading?.alsoSee ?? []),
    ...(match.alsoSee ?? []),
    ...allocations.slice(0, 3).map(({ frame }) => located(frame, 'allocates', code)),
  ]).filter((place) => creation === null || place.file !== creation.file || place.line !== creation.line);
  const signature = signatureOf([
    'go',
    rule.pattern,
    main.creation ? stable(main.creation) : '',
    main.entry?.function ?? '',
    main.blame?.function ?? '',
  ]);
  return {
    id: `f-${rank}`,
    rank,
    pattern: rule.pattern,
    title: match.title,
    owner: `${suspect.starter.replace(/^(?:started by|in) /, '')}${suspect.place === '' ? '' : ` → ${suspect.place}`}`,
    location: creation,
    alsoSee,
    growth: {
      objects: gained,
      bytes: Math.round(stackBytes + heapBytes),
      series: [...counts],
      bytesSeries: counts.map((count, at) =>
        Math.round(count * context.stackBytes[at]! + heapAt(sure, at, counts.length)),
      ),
      holders: study.kinship.findLast((each) => each !== null)?.creators ?? 0,
      perHour: context.hours ? Math.round(gained / context.hours) : null,
      perOperation: context.operations ? Math.round((gained / context.operations) * 1000) / 1000 : null,
    },
    retainedBytes: null,
    members: [{ shape: 'goroutine', objects: counts[counts.length - 1]!, sample: sampleOf(main.frames) }],
    alsoHeldBy: [],
    path: pathOf(index, suspect, main.creation, main.frames, main.blame),
    signature,
    confidence: proof.confidence,
    reasons: [
      `step ${STEP_NUMBER[proof.step]} of 5 in the order of proof: ${proof.step.replaceAll('-', ' ')}`,
      ...proof.reasons,
      ...match.reasons,
      memoryReason(gained, stackBytes, heapBytes, context.isStackMeasured),
    ].filter((reason) => reason !== ''),
    evidence: [...context.evidenceIds],
    against: [
      ...proof.against,
      ...match.against,
      ...allocations
        .filter(({ isEnough }) => !isEnough)
        .slice(0, 1)
        .map(notEnough),
    ],
    remedy: { ...match.remedy, docs: `docs/rules/go/${rule.id}.md` },
  };
}

function memoryReason(gained: number, stackBytes: number, heapBytes: number, isMeasured: boolean): string {
  if (gained === 0) return '';
  const each = Math.round(stackBytes / gained);
  const stacks = `their stacks take ${isMeasured ? 'about' : 'at least'} ${each} bytes each and are in no heap profile`;
  return heapBytes > 0
    ? `${stacks}; ${Math.round(heapBytes / gained)} bytes of heap each are allocated for them`
    : stacks;
}

function notEnough({ frame, samples }: AllocationLine): string {
  return `the heap profile has only ${samples.at(-1)} raw samples of ${shortPlace(frame)}: not enough for a figure`;
}

function heapAt(allocations: readonly AllocationLine[], at: number, captures: number): number {
  return allocations.reduce((sum, { bytes }) => sum + (bytes.length === captures ? bytes[at]! : 0), 0);
}

function pathOf(
  index: number,
  { starter }: ExplainedGroup['suspect'],
  creation: GoFrame | null,
  frames: readonly GoFrame[],
  blame: GoFrame | null,
): PathStepView[] {
  const steps: PathStepView[] = [];
  if (creation) {
    steps.push({
      node: starter,
      via: `go statement at ${shortPlace(creation)}`,
      leaking: 'no',
      why: 'it starts them',
    });
  }
  const own = frames.filter((frame) => frame === blame || frame === frames.at(-1)).reverse();
  for (const frame of own) {
    steps.push({
      node: shortFunction(frame.function),
      via: shortPlace(frame),
      ...(frame === own.at(-1) ? { handle: `g-${index + 1}` } : {}),
      leaking: 'yes',
    });
  }
  return steps;
}

function sampleOf(frames: readonly GoFrame[]): string {
  return frames
    .slice(0, 3)
    .map((frame) => `${shortFunction(frame.function)} ${shortPlace(frame)}`)
    .join(' < ');
}

/** Without the folders that differ from host to host, and without the line that differs from release to release. */
function stable(frame: GoFrame): string {
  return placeOf(frame)
    .replace(/ .*[\\/]/, ' ')
    .replace(/:\d+$/, '');
}

function unique(places: readonly FindingLocation[]): FindingLocation[] {
  const seen = new Set<string>();
  return places.filter(({ file, line }) => {
    const key = `${file}:${line}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
