import type { LongCall } from '../../base/progress.ts';
import { formatBytes, formatCount, formatShare } from '../../base/units.ts';
import type { Diagnosis, EvidenceItem, Finding, Verdict } from '../../model/finding.ts';
import type { SourceTree } from '../../model/source-tree.ts';
import { totalOf } from '../../model/stack-profile.ts';
import { LEAK_CONFIDENCE } from '../confidence.ts';
import { goAllocationRule } from '../rules/index.ts';
import { SourceMatcher } from '../source-match.ts';
import { accountForGo } from './accounting.ts';
import { type AllocationLine, allocationLines, belongsTo } from './allocations.ts';
import { type ExplainedGroup, explainGroups } from './explain-groups.ts';
import { GoCode } from './go-code.ts';
import { type FindingContext, goroutineFinding } from './goroutine-finding.ts';
import { type HeapGrowth, heapGrowth, hintedLines } from './heap-growth.ts';
import { type MemoryFigures, memoryOf, stackBytesEach } from './memory.ts';
import { capturesOf, type GoInput, type Moment, momentsOf, sameProcessRun } from './moments.ts';
import { shortFunction, shortPlace } from './names.ts';
import { longerApart, nextCaptures } from './next-captures.ts';
import { type GroupStudy, studyGroups } from './study.ts';

/** What may be said to a diagnosis beside its captures. */
export interface DiagnoseGoOptions extends LongCall {
  /** The service's own code, if it is at hand. */
  source?: SourceTree | null;
  /** At most so many findings (10). */
  top?: number;
  /** Operations that the program did between the first and the last capture, for growth per operation. */
  operations?: number | null;
  /** Memory figures by label, where they were measured apart from the captures. */
  memory?: Readonly<Record<string, MemoryFigures>>;
}

const DEFAULT_TOP = 10;

/**
 * Names the goroutines that gather in a Go service, and the lines whose allocations do: captures of one process, oldest first. Two
 * captures show what grows and which goroutines stay; a third one after the load has gone tells a leak from clients.
 *
 * @example
 * import { diagnoseGoroutines, openFile, readGoroutines } from 'stanch';
 *
 * const inputs = [];
 * for (const label of ['A', 'B', 'C']) {
 *   const [dump] = await readGoroutines(openFile(`${label}.txt`));
 *   inputs.push({ label, file: `${label}.txt`, sizeBytes: null, at: null, dump });
 * }
 * const { verdict, findings } = diagnoseGoroutines(inputs);
 * process.stdout.write(`${verdict}: ${findings.map((finding) => finding.title).join('; ')}\n`);
 */
export function diagnoseGoroutines(inputs: readonly GoInput[], options: DiagnoseGoOptions = {}): Diagnosis {
  const evidence = inputs.map(evidenceOf);
  const all = momentsOf(inputs);
  const { moments, leftOut } = sameProcessRun(all);
  const code = options.source ? new GoCode(new SourceMatcher(options.source)) : null;
  const counted = moments.filter(({ dump, goroutines }) => dump !== null || goroutines !== null);
  const { captures, table } = capturesOf(counted);
  const totals = captures.map(({ total }) => total);
  const studies = studyGroups(counted, captures, table);
  const explained = explainGroups(studies, totals, code).sort(byWeight);
  options.signal?.throwIfAborted();

  const memories = moments.map((moment) => memoryOf(moment, options.memory?.[moment.label]));
  const heaps = moments.flatMap(({ heap }) => (heap ? [heap] : []));
  const lines = heaps.length > 1 ? allocationLines(heaps) : [];
  const context: FindingContext = {
    evidenceIds: moments.flatMap(({ evidence: ids }) => ids),
    stackBytes: counted.map((moment, index) =>
      stackBytesEach(memories[moments.indexOf(moment)] ?? null, totals[index]!),
    ),
    isStackMeasured: counted.some((moment) => (memories[moments.indexOf(moment)]?.stackBytes ?? 0) > 0),
    hours: hoursBetween(moments),
    operations: options.operations ?? null,
    code,
  };
  const findings: Finding[] = [];
  const claimed = new Set<AllocationLine>();
  for (const each of explained) {
    const own = lines.filter((line) => !claimed.has(line) && belongsTo(line, startedBy(each)));
    for (const line of own) claimed.add(line);
    findings.push(goroutineFinding(each, own, findings.length + 1, context));
  }
  const heapGrowthBytes = heaps.length > 1 ? inUse(heaps.at(-1)!) - inUse(heaps[0]!) : 0;
  const ofLine = (line: AllocationLine, isHint: boolean): Finding | null =>
    goAllocationRule(line, findings.length + 1, { ...heapLoad(studies), heapGrowthBytes, isHint }, context);
  const unclaimed = lines.filter((each) => !claimed.has(each));
  for (const line of unclaimed) {
    const finding = ofLine(line, false);
    if (finding) findings.push(finding);
  }
  const heap = heapGrowth(moments);
  if (heap.goesOn && findings.length === 0) {
    for (const line of hintedLines(unclaimed)) {
      const hint = ofLine(line, true);
      if (hint) findings.push(hint);
    }
  }
  findings.sort(
    (a, b) =>
      Number(isLeak(b)) - Number(isLeak(a)) ||
      b.growth.bytes - a.growth.bytes ||
      b.growth.objects - a.growth.objects,
  );
  const shown = findings
    .slice(0, options.top ?? DEFAULT_TOP)
    .map((finding, index) => ({ ...finding, id: `f-${index + 1}`, rank: index + 1 }));

  const cut = evidence.filter(({ partial }) => partial !== null).map(({ label }) => label);
  const unexplained = heap.goesOn && shown.every((finding) => !isLeak(finding)) ? heap : null;
  const verdict =
    unexplained === null ? verdictOf(shown, all.length, moments.length, cut.length) : 'inconclusive';
  const sameProcess = leftOut.length === 0;
  const left = leftOut.map(({ label, why }) => ` ${label} was left out: ${why}.`).join('');
  return {
    schema: 'stanch/diagnosis@1',
    runtime: 'go',
    verdict,
    confidence: confidenceOf(verdict, shown, moments.length),
    summary: summaryOf(verdict, shown, totals, moments, cut, unexplained) + left,
    sameProcess,
    evidence,
    growth: accountForGo(shown, moments, memories, totals),
    findings: shown,
    harmless: harmlessOf(studies, explained),
    claims: [],
    next: [
      ...(unexplained ? [longerApart(unexplained)] : []),
      ...nextCaptures(verdict, shown, explained, moments, leftOut.length, code !== null),
    ],
  };
}

function evidenceOf(input: GoInput, index: number): EvidenceItem {
  const { dump, profile } = input;
  const cut = dump?.cut
    ? dump.cut.atLimit
      ? `cut by the runtime at 64 MiB: ${formatCount(dump.count)} goroutines are in it, there were more`
      : `the text ends in the middle of a goroutine at byte ${dump.cut.offset}`
    : dump?.unreadable
      ? `${dump.unreadable.lines} unreadable line${dump.unreadable.lines === 1 ? '' : 's'}, the first at byte ${dump.unreadable.offset}`
      : null;
  const space = profile?.sampleTypes.findIndex(({ type }) => type === 'inuse_space') ?? -1;
  return {
    id: `e-${index + 1}`,
    label: input.label,
    kind: dump ? 'goroutines' : 'stack-profile',
    format: dump?.format ?? profile?.format ?? '',
    file: input.file,
    sha256: input.sha256 ?? null,
    at: input.at ?? dump?.at ?? null,
    bytes: input.sizeBytes,
    objects: dump?.count ?? (profile ? totalOf(profile, 0) : 0),
    heapBytes: profile && space >= 0 ? totalOf(profile, space) : 0,
    partial: cut,
  };
}

function inUse(heap: NonNullable<Moment['heap']>): number {
  return totalOf(
    heap,
    heap.sampleTypes.findIndex(({ type }) => type === 'inuse_space'),
  );
}

/** The functions that a finding is about: what it allocates there is part of it. */
function startedBy({ study: { group } }: ExplainedGroup): Set<string> {
  const names = group.signatures.flatMap(({ creation, creationAuthor, entry }) => [
    ...(creation && creationAuthor === 'user' ? [creation.function] : []),
    ...(entry ? [entry.function.replace(/(?:\.func\d+|\.gowrap\d+|\.\d+)+$/, '')] : []),
  ]);
  return new Set(names);
}

/** Whether connections rose or left; without goroutines nobody knows. */
function heapLoad(studies: readonly GroupStudy[]): { mayBeLoad: boolean; isQuiet: boolean } {
  const load = studies.reduce<readonly number[]>(
    (most, study) => (sum(study.load) > sum(most) ? study.load : most),
    [],
  );
  if (load.length < 2) return { mayBeLoad: true, isQuiet: false };
  const peak = Math.max(...load);
  const lull = load[load.length - 1]!;
  return {
    mayBeLoad: lull > load[0]! * 1.1 + 2,
    isQuiet: load.length > 2 && peak - lull >= 3 && lull <= peak * 0.6,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function isLeak({ confidence }: Finding): boolean {
  return confidence >= LEAK_CONFIDENCE;
}

function byWeight(a: ExplainedGroup, b: ExplainedGroup): number {
  return b.proof.gained - a.proof.gained;
}

function hoursBetween(moments: readonly Moment[]): number | null {
  const first = moments[0]?.at;
  const last = moments.at(-1)?.at;
  const hours = first && last ? (Date.parse(last) - Date.parse(first)) / 3_600_000 : 0;
  return hours > 0 ? hours : null;
}

function verdictOf(findings: readonly Finding[], given: number, used: number, cut: number): Verdict {
  if (findings.some(isLeak)) return 'leak';
  // One capture, or none that belong together, is no all-clear; nor is half a dump.
  if (findings.length > 0 || used < 2 || (given > used && used < 3) || cut > 0) return 'inconclusive';
  return 'no-leak';
}

function confidenceOf(verdict: Verdict, findings: readonly Finding[], captures: number): number {
  if (verdict === 'leak') return Math.max(...findings.map(({ confidence }) => confidence));
  if (verdict === 'inconclusive') return 0.5;
  return captures >= 3 ? 0.9 : 0.6;
}

function summaryOf(
  verdict: Verdict,
  findings: readonly Finding[],
  totals: readonly number[],
  moments: readonly Moment[],
  cut: readonly string[],
  unexplained: HeapGrowth | null,
): string {
  const series = totals.map(formatCount).join(' → ');
  const went = totals.length > 1 ? `goroutines went ${series}` : `there are ${series} goroutines`;
  if (verdict === 'no-leak')
    return `No leak: ${totals.length > 0 ? went : 'the heap was compared'}, and nothing gathers.`;
  if (verdict === 'leak') {
    const leaks = findings.filter(isLeak);
    const gained = totals.length > 1 ? totals.at(-1)! - totals[0]! : 0;
    const explained = leaks.reduce(
      (total, { members, growth }) => total + (members[0]?.shape === 'goroutine' ? growth.objects : 0),
      0,
    );
    const share =
      gained > 0 && explained > 0
        ? `, ${formatShare(Math.min(1, explained / gained))} of ${formatCount(gained)} more goroutines`
        : '';
    const bytes = leaks.reduce((total, { growth }) => total + growth.bytes, 0);
    return `Leak: ${leaks.length} ${leaks.length === 1 ? 'cause' : 'causes'}${share}${bytes > 0 ? `, ${formatBytes(bytes)} of stacks and heap` : ''} (${went}).`;
  }
  const why =
    moments.length < 2
      ? 'one capture shows what there is, not what grows'
      : cut.length > 0
        ? `only part of ${cut.join(' and ')} could be read`
        : unexplained
          ? `the live heap grows on (${unexplained.bytes.map(formatBytes).join(' → ')}), and too few samples say at which line`
          : 'what grows could be clients that stay';
  const watch = findings.length > 0 ? `; ${findings.length} to watch` : '';
  return `Cannot tell yet: ${why}${watch} (${went}).`;
}

/** Groups that grew, or are many, and are no cause for concern, with the reason. */
function harmlessOf(
  studies: readonly GroupStudy[],
  explained: readonly ExplainedGroup[],
): Diagnosis['harmless'] {
  const found = new Set(explained.map(({ study }) => study));
  return studies
    .filter(
      (study) =>
        !found.has(study) &&
        study.group.main.waitClass !== 'runtime' &&
        Math.max(...study.group.counts) >= 10,
    )
    .sort((a, b) => b.group.counts.at(-1)! - a.group.counts.at(-1)!)
    .slice(0, 12)
    .map(({ group: { main, counts } }) => {
      const gained = counts.length > 1 ? counts.at(-1)! - counts[0]! : 0;
      const frame = main.blame ?? main.frames[0];
      return {
        owner: main.creation
          ? `${shortFunction(main.creation.function)} → ${frame ? shortPlace(frame) : ''}`
          : shortFunction(frame?.function ?? ''),
        bytes: 0,
        objects: Math.max(0, gained),
        why:
          counts.length === 1
            ? 'one capture, and no share that stands out'
            : gained <= 0
              ? `as many as before or fewer (${counts.map(formatCount).join(' → ')}): a pool, or work that ends`
              : main.waitClass === 'io' && main.blame === null
                ? `connections that their peers hold open (${counts.map(formatCount).join(' → ')})`
                : 'too little growth to matter',
      };
    });
}
