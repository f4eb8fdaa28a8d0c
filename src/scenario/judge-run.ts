import { formatBytes } from '../base/units.ts';
import { round as rounded } from '../confirm/words.ts';
import type { Finding, Verdict } from '../model/finding.ts';
import { type PerOperation, perOperation } from './per-operation.ts';
import type { RunGrowth, RunResult, RunRound } from './run-result.ts';

/** What a run has seen. */
export interface RunStudy
  extends Pick<
    RunResult,
    | 'scenario'
    | 'target'
    | 'runtime'
    | 'operation'
    | 'operations'
    | 'rounds'
    | 'collected'
    | 'diagnosis'
    | 'folder'
    | 'files'
    | 'leftOpen'
  > {
  readonly withoutEvidence: string | null;
}

const LEAST_CONFIDENCE = 0.5;
/** Fewer operations leave what a pool leaves that fills. */
const LEAST_COUNTED = 100;
/** The metric that tells most, of those that were counted. */
const LEADING = [
  'heap_used_bytes',
  'go_heap_inuse_bytes',
  'js_heap_used_bytes',
  'process_resident_memory_bytes',
] as const;
/** Resident memory comes and goes in pages of the allocator: less than this share of it in a run is nothing. */
const MATERIAL_SHARE = 0.02;

/** Says what each operation leaves behind, from the counts of all rounds and from the diagnosis of the evidence. */
export function judgeRun(study: RunStudy): RunResult {
  const { withoutEvidence, ...about } = study;
  const metrics = metricGrowth(study);
  const causes = causeGrowth(study);
  const { verdict, reasons, missing } = judge(study, metrics, causes);
  return {
    schema: 'stanch/run@1',
    ...about,
    verdict,
    summary: summaryOf(verdict, study, metrics, causes),
    metrics,
    causes,
    patterns: patternGrowth(study, causes),
    reasons,
    missing,
  };
}

function metricGrowth({ rounds, operation }: RunStudy): RunGrowth[] {
  const measured = rounds.slice(rounds.findLastIndex(({ warmUp }) => warmUp));
  const done = cumulative(measured, operation);
  const names = new Set(measured.flatMap(({ counts }) => Object.keys(counts)));
  return [...names].flatMap((what) => {
    const values = measured.map(({ counts }) => counts[what] ?? Number.NaN);
    if (values.some((value) => Number.isNaN(value))) return [];
    const unit = what.endsWith('_bytes') ? ('bytes' as const) : ('count' as const);
    const grown = perOperation(done, values, { grain: unit === 'count' ? 1 : 0, trims: true });
    return grown ? [growthOf(grown, { what, unit, per: operation })] : [];
  });
}

function causeGrowth({ rounds, operation, diagnosis }: RunStudy): RunGrowth[] {
  if (!diagnosis) return [];
  const moments = rounds.filter(({ captured }) => captured !== null);
  const names = [...new Set(rounds.flatMap(({ operations }) => Object.keys(operations)))];
  return diagnosis.findings
    .filter(({ confidence }) => confidence >= LEAST_CONFIDENCE)
    .flatMap((finding) => {
      const { series } = finding.growth;
      if (series.length !== moments.length) return [];
      const per = names.flatMap((name) => {
        const done = cumulative(rounds, name).filter((_, at) => rounds[at]!.captured !== null);
        const grown = perOperation(done, series, { grain: 1 });
        return grown ? [{ name, grown }] : [];
      });
      const best = bestOf(per, operation);
      if (!best) return [];
      const what = { what: finding.title, unit: 'count' as const, per: best.name };
      const also = per
        .filter(({ name, grown }) => name !== best.name && grown.exactly !== null && grown.exactly >= 1)
        .map(({ name, grown }) => ({ per: name, exactly: grown.exactly! }));
      return [{ ...growthOf(best.grown, what), finding: finding.id, signature: finding.signature, also }];
    });
}

/** Several findings of one pattern that grow with the same thing, together: three listeners for each join are three findings. */
function patternGrowth({ diagnosis, rounds }: RunStudy, causes: readonly RunGrowth[]): RunGrowth[] {
  const groups = new Map<string, { pattern: string; per: string; findings: Finding[] }>();
  for (const { finding: id, per } of causes) {
    const finding = diagnosis?.findings.find((each) => each.id === id);
    if (!finding) continue;
    const key = `${finding.pattern}\n${per}`;
    const group = groups.get(key) ?? { pattern: finding.pattern, per, findings: [] };
    group.findings.push(finding);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ pattern, per, findings }) => {
    if (findings.length < 2) return [];
    const done = cumulative(rounds, per).filter((_, at) => rounds[at]!.captured !== null);
    const sums = done.map((_, at) => findings.reduce((sum, { growth }) => sum + growth.series[at]!, 0));
    const grown = perOperation(done, sums, { grain: 1 });
    return grown ? [growthOf(grown, { what: pattern, unit: 'count', per })] : [];
  });
}

/**
 * The thing that it grows with: the operation, unless something else that was counted is left behind once for each and the operation is
 * not. With a constant mix of work several fit; the one that leaves fewest for each is the plainest.
 */
function bestOf(
  per: readonly { name: string; grown: PerOperation }[],
  operation: string,
): { name: string; grown: PerOperation } | null {
  const exact = per.filter(({ grown }) => grown.exactly !== null && grown.exactly >= 1);
  const main = per.find(({ name }) => name === operation) ?? per[0] ?? null;
  if (main && (main.grown.exactly ?? 0) >= 1) return main;
  return exact.toSorted((a, b) => a.grown.exactly! - b.grown.exactly!)[0] ?? main;
}

function growthOf(
  { value, low, high, exactly, slows }: PerOperation,
  named: Pick<RunGrowth, 'what' | 'unit' | 'per'>,
): RunGrowth {
  return { ...named, value, low, high, exactly, slows, finding: null, signature: null, also: [] };
}

function cumulative(rounds: readonly RunRound[], name: string): number[] {
  let sum = 0;
  return rounds.map(({ operations }, at) => {
    if (at > 0) sum += operations[name] ?? 0;
    return sum;
  });
}

interface Judged {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly missing: readonly string[];
}

function judge(study: RunStudy, metrics: readonly RunGrowth[], causes: readonly RunGrowth[]): Judged {
  const { diagnosis, operation, collected, withoutEvidence, rounds } = study;
  const reasons = [...causes.map(causeText)];
  const missing: string[] = [];
  const lead = LEADING.map((name) => metrics.find(({ what }) => what === name)).find(Boolean);
  if (lead) {
    reasons.push(
      lead.low > 0
        ? `${lead.what} grows by ${formatBytes(lead.value)} for each ${operation}, ${formatBytes(lead.low)} to ${formatBytes(lead.high)} (95 %)`
        : `${lead.what} does not grow: more than ${formatBytes(Math.max(0, lead.high))} for each ${operation} would have been seen`,
    );
  }
  if (!collected)
    missing.push(
      'nobody could have garbage collected from outside: the counts hold what is not collected yet',
    );
  if (withoutEvidence !== null) missing.push(`there is no full evidence: ${withoutEvidence}`);
  if (diagnosis?.verdict === 'leak') return { verdict: 'leak', reasons, missing };
  const level = lead ? (rounds.at(-1)?.counts[lead.what] ?? 0) : 0;
  const grows =
    lead !== undefined &&
    lead.low > 0 &&
    !lead.slows &&
    lead.value * study.operations > MATERIAL_SHARE * level;
  const counted = metrics.filter(({ exactly, unit }) => unit === 'count' && exactly !== null && exactly >= 1);
  for (const { what, exactly } of counted) reasons.push(`${what}: ${exactly} more for each ${operation}`);
  // A resource of which each operation leaves just as many is leaked, whoever holds it.
  if (collected && study.operations >= LEAST_COUNTED && counted.some(({ slows }) => !slows))
    return { verdict: 'leak', reasons, missing };
  if (lead?.slows) missing.push(`${lead.what} slows down, as a cache that fills: needs more rounds`);
  if (diagnosis?.verdict === 'no-leak') {
    if (!grows && counted.length === 0) return { verdict: 'no-leak', reasons, missing: [] };
    missing.push('the objects do not tell who holds what grows: native memory, or garbage not collected yet');
    return { verdict: 'inconclusive', reasons, missing };
  }
  if (diagnosis) {
    missing.push(diagnosis.summary);
    return { verdict: 'inconclusive', reasons, missing };
  }
  if (counted.length > 0 || (grows && collected)) return { verdict: 'leak', reasons, missing };
  if (lead && !grows && !lead.slows && (collected || lead.low <= 0))
    return { verdict: 'no-leak', reasons, missing };
  return { verdict: 'inconclusive', reasons, missing };
}

function causeText({ what, per, value, low, high, exactly }: RunGrowth): string {
  return exactly === null
    ? `${what}: ${rounded(value)} for each of ${per}, ${rounded(low)} to ${rounded(high)} (95 %)`
    : `${what}: exactly ${rounded(exactly)} for each of ${per}`;
}

function summaryOf(
  verdict: Verdict,
  { operation, operations }: RunStudy,
  metrics: readonly RunGrowth[],
  causes: readonly RunGrowth[],
): string {
  const over = `over ${operations.toLocaleString('en-US')} × ${operation}`;
  const lead = LEADING.map((name) => metrics.find(({ what }) => what === name)).find(Boolean);
  if (verdict === 'no-leak')
    return `No leak ${over}${lead ? `: ${formatBytes(Math.max(0, lead.high))} for each at most` : ''}`;
  if (verdict === 'inconclusive') return `Cannot tell ${over}`;
  const bytes = lead && lead.low > 0 ? `${formatBytes(lead.value)} for each ${operation}` : '';
  const count = causes.length === 0 ? '' : `${causes.length} ${causes.length === 1 ? 'cause' : 'causes'}`;
  return `Leak ${over}: ${[bytes, count].filter((part) => part !== '').join(', ')}`;
}
