import { round } from '../confirm/words.ts';
import type { Diagnosis, Finding } from '../model/finding.ts';
import type { CauseGrowth, CauseVerification, DumpVerification } from './verification.ts';

/** Dumps of one side, diagnosed. */
export interface DiagnosisSide {
  readonly diagnosis: Diagnosis;
  /** Operations between the first and the last dump, where they were counted. */
  readonly operations?: number | null;
}

const HOUR_MS = 3_600_000;
/** What a diagnosis does not call a leak below. */
const LEAST_CONFIDENCE = 0.5;
/** A cause that would have left so few objects may have been missed. */
const LEAST_EXPECTED = 10;

/**
 * Compares what grew before a fix with what grows after it, cause by cause: the signature of each must be gone, and no other may grow.
 */
export function verifyDiagnoses(before: DiagnosisSide, after: DiagnosisSide): DumpVerification {
  const was = causesOf(before.diagnosis);
  const is = causesOf(after.diagnosis);
  const operations = { before: before.operations ?? null, after: after.operations ?? null };
  const scale = scaleOf(before, after);
  const left = [...is];
  const causes: CauseVerification[] = was.map((cause) => {
    const at = left.findIndex((other) => isSame(cause, other));
    const [found = null] = at < 0 ? [] : left.splice(at, 1);
    return {
      ...nameOf(cause),
      state: found ? 'remains' : 'gone',
      before: growthOf(cause),
      after: found && growthOf(found),
      remainingShare: found && shareOf(cause, found, scale),
    };
  });
  for (const cause of left)
    causes.push({
      ...nameOf(cause),
      state: 'new',
      before: null,
      after: growthOf(cause),
      remainingShare: null,
    });

  const reasons = causes.map(reasonOf);
  const about = { causes, operations };
  if (causes.some(({ state }) => state !== 'gone')) {
    return { ...about, verdict: 'still-leaking', reasons, missing: [] };
  }
  const missing: string[] = [];
  if (was.length === 0)
    missing.push('the dumps before the fix name no cause: there is no signature to look for');
  if (after.diagnosis.verdict === 'inconclusive')
    missing.push(`the dumps after the fix do not tell: ${after.diagnosis.summary}`);
  if (scale === null && was.length > 0)
    reasons.push(
      'how much was done between the dumps is not known: both sides are taken to have had the same (give --operations)',
    );
  for (const cause of was) {
    const expected = cause.growth.objects * (scale ?? 1);
    if (expected < LEAST_EXPECTED)
      missing.push(
        `unmended, '${cause.title}' would have left ${round(expected)} objects only: needs ${round(Math.ceil(LEAST_EXPECTED / Math.max(expected, 1e-9)))} times as much load between the dumps`,
      );
  }
  return { ...about, verdict: missing.length > 0 ? 'not-enough-data' : 'fixed', reasons, missing };
}

function causesOf({ findings, verdict }: Diagnosis): Finding[] {
  return verdict === 'leak' ? findings.filter(({ confidence }) => confidence >= LEAST_CONFIDENCE) : [];
}

/** A repair of one of several places that leak alike changes the signature of what they have in common, not its owner. */
function isSame(a: Finding, b: Finding): boolean {
  return a.signature === b.signature || (a.pattern === b.pattern && a.owner === b.owner);
}

/** How much more was done, or how much longer was waited, between the dumps after the fix than before it. */
function scaleOf(before: DiagnosisSide, after: DiagnosisSide): number | null {
  if (before.operations && after.operations != null) return after.operations / before.operations;
  const [was, is] = [hoursOf(before.diagnosis), hoursOf(after.diagnosis)];
  return was !== null && is !== null && was > 0 ? is / was : null;
}

function hoursOf({ evidence }: Diagnosis): number | null {
  const times = evidence.flatMap(({ at }) => (at === null ? [] : [Date.parse(at)]));
  return times.length >= 2 ? (Math.max(...times) - Math.min(...times)) / HOUR_MS : null;
}

function shareOf(was: Finding, is: Finding, scale: number | null): number | null {
  if (scale === null || scale === 0 || was.growth.objects <= 0) return null;
  return is.growth.objects / was.growth.objects / scale;
}

function growthOf({ growth: { objects, bytes, perHour, perOperation } }: Finding): CauseGrowth {
  return { objects, bytes, perHour, perOperation };
}

function nameOf({ signature, pattern, title, owner }: Finding): {
  signature: string;
  pattern: Finding['pattern'];
  title: string;
  owner: string;
} {
  return { signature, pattern, title, owner };
}

function reasonOf({ state, title, remainingShare, after }: CauseVerification): string {
  if (state === 'gone') return `gone: ${title}`;
  const grown = `${round(after?.objects ?? 0)} more`;
  if (state === 'new') return `another leak, which was not there before: ${title} (${grown})`;
  const share =
    remainingShare === null ? '' : `, ${round(remainingShare * 100)} % of what it was at equal load`;
  return `still there: ${title} (${grown}${share})`;
}
