import { type DominatorTree, dominators } from '../analysis/dominators.ts';
import { findGrowth, type Growth } from '../analysis/growth.ts';
import { gain } from '../base/gain.ts';
import { breathe, type LongCall } from '../base/progress.ts';
import { formatBytes, formatShare } from '../base/units.ts';
import type { Diagnosis, EvidenceItem, Finding, Verdict } from '../model/finding.ts';
import { type HeapGraph, totalBytes } from '../model/heap-graph.ts';
import type { SourceTree } from '../model/source-tree.ts';
import { accountFor } from './accounting.ts';
import { LEAK_CONFIDENCE } from './confidence.ts';
import { dialectOf } from './dialects.ts';
import { type Explained, explain, findingOf } from './findings.ts';
import { groupGrowth } from './groups.ts';
import { innocentDefaults } from './named/ruby-defaults.ts';
import { nextSteps } from './next-steps.ts';
import { otherHolders } from './other-holders.ts';
import { processAccount } from './process-account.ts';
import { scatteredBytes } from './scattered.ts';
import { isSignificant, matters } from './significance.ts';
import { SourceMatcher } from './source-match.ts';

/** One dump to be diagnosed. */
export interface DumpInput {
  /** A, B, C… in order of time. */
  label: string;
  file: string;
  sizeBytes: number | null;
  /** ISO time of the capture, when it is known. */
  at: string | null;
  /** SHA-256 of the file, when it was taken. */
  sha256?: string | null;
  /** Reads the dump. */
  load(options: LongCall): Promise<HeapGraph>;
}

/** What may be said to a diagnosis beside its dumps. */
export interface DiagnoseOptions extends LongCall {
  /** The service's own code, if it is at hand. */
  source?: SourceTree | null;
  /** At most so many findings (10). */
  top?: number;
  /** Operations that the program did between the first and the last dump, for growth per operation. */
  operations?: number | null;
}

const DEFAULT_TOP = 10;

/**
 * Names the causes of growth between dumps of one process, oldest first. Two dumps give suspects, three or more a
 * verdict.
 *
 * @throws FormatError when a dump cannot be read
 * @example
 * import { diagnose, openFile, readHeapSnapshot } from 'stanch';
 *
 * const dumps = ['A', 'B', 'C'].map((label) => ({
 *   label,
 *   file: `${label}.heapsnapshot`,
 *   sizeBytes: null,
 *   at: null,
 *   load: (options) => readHeapSnapshot(openFile(`${label}.heapsnapshot`), options),
 * }));
 * const { verdict, findings } = await diagnose(dumps);
 * process.stdout.write(`${verdict}: ${findings.map((finding) => finding.title).join('; ')}\n`);
 */
export async function diagnose(
  dumps: readonly DumpInput[],
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const evidence: EvidenceItem[] = dumps.map((dump, index) => ({
    id: `e-${index + 1}`,
    label: dump.label,
    kind: 'heap-graph',
    format: '',
    file: dump.file,
    sha256: dump.sha256 ?? null,
    at: dump.at,
    bytes: dump.sizeBytes,
    objects: 0,
    heapBytes: 0,
    partial: null,
  }));
  const load = async (index: number): Promise<HeapGraph> => {
    const dump = dumps[index]!;
    const graph = await dump.load({
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.onProgress
        ? { onProgress: (_step, done, total) => options.onProgress?.(`read ${dump.label}`, done, total) }
        : {}),
    });
    const item = evidence[index]!;
    item.format = graph.format;
    item.objects = graph.nodeCount;
    item.heapBytes = totalBytes(graph);
    item.partial = graph.partial?.missing ?? null;
    item.warnings = [...graph.warnings];
    item.process = graph.process;
    item.at ??= graph.process?.at ?? null;
    return graph;
  };
  if (dumps.length < 2) return singleDump(evidence, dumps.length === 1 ? await load(0) : null);
  const growth = await findGrowth({
    count: dumps.length,
    load,
    onStep: async (step) => {
      options.onProgress?.(step, 0, 0);
      await breathe(options.signal);
    },
  });
  return conclude(growth, dumps, evidence, options);
}

function conclude(
  growth: Growth,
  dumps: readonly DumpInput[],
  evidence: EvidenceItem[],
  options: DiagnoseOptions,
): Diagnosis {
  const source = options.source ? new SourceMatcher(options.source) : null;
  const grouping = groupGrowth(growth, dialectOf(growth.last));
  const explained = explain(growth, grouping, source);
  const leaks: Explained[] = [];
  const unsure: Explained[] = [];
  const harmless: Explained[] = [];
  for (const each of explained) {
    const list = !isSignificant(growth, each)
      ? harmless
      : each.confidence.value >= LEAK_CONFIDENCE
        ? leaks
        : matters(growth, each)
          ? unsure
          : harmless;
    list.push(each);
  }
  const cut = evidence.filter((item) => item.partial !== null);
  // Nothing found in half a dump is not nothing.
  const account = processAccount(evidence.filter((_, at) => !growth.strangers.includes(at)));
  const scattered = scatteredBytes(growth, harmless);
  const verdict: Verdict =
    leaks.length > 0
      ? 'leak'
      : unsure.length > 0 || cut.length > 0 || account?.kind === 'native' || scattered > 0
        ? 'inconclusive'
        : 'no-leak';
  const causes = [...leaks, ...unsure].sort(byWeight);
  const shown = causes.slice(0, options.top ?? DEFAULT_TOP);
  let tree: DominatorTree | null = null;
  const context = {
    growth,
    grouping,
    evidenceIds: evidence.map((item) => item.id),
    operations: options.operations ?? null,
    hours: hoursBetween(evidence),
    alsoHeldBy: otherHolders(growth, shown, grouping.dialect),
    dominators: () => {
      tree ??= dominators(growth.last);
      return tree;
    },
  };
  const findings = shown.map((each, index) => findingOf(each, index + 1, context));
  const accounts = accountFor(
    growth,
    findings,
    causes.slice(shown.length),
    harmless,
    grouping.dialect.engineText,
  );
  return {
    schema: 'stanch/diagnosis@1',
    runtime: growth.last.runtime,
    verdict,
    confidence: verdictConfidence(verdict, findings, growth),
    summary:
      summaryOf(verdict, findings, accounts, growth, { cut: cut.map((item) => item.label), scattered }) +
      leftOut(growth.strangers.map((at) => evidence[at]!.label)) +
      (account === null || account.kind === 'objects' ? '' : ` ${account.text}`),
    sameProcess: growth.sameProcess,
    evidence,
    growth: accounts,
    process: account,
    findings,
    harmless: harmless
      .filter((each) => gain(each.bytes) > 0)
      .slice(0, 12)
      .map((each) => ({
        owner: each.groups[0]!.owner.text,
        bytes: gain(each.bytes),
        objects: gain(each.series),
        why: each.knownWhy ?? each.confidence.against[0] ?? 'too small to matter',
      })),
    claims:
      source && growth.last.runtime === 'ruby'
        ? innocentDefaults(
            source,
            findings.map(({ owner }) => owner),
          )
        : [],
    next: nextSteps(verdict, findings, dumps, growth.sameProcess, source !== null, growth.last.runtime),
  };
}

/** Leaks before suspicions, then by bytes; equal bytes by count. */
function byWeight(a: Explained, b: Explained): number {
  const sure = Number(b.confidence.value >= LEAK_CONFIDENCE) - Number(a.confidence.value >= LEAK_CONFIDENCE);
  return sure || gain(b.bytes) - gain(a.bytes) || gain(b.series) - gain(a.series);
}

function leftOut(labels: readonly string[]): string {
  if (labels.length === 0) return '';
  return ` ${labels.join(' and ')} ${labels.length === 1 ? 'is' : 'are'} of another process than the rest, and ${labels.length === 1 ? 'was' : 'were'} left out.`;
}

function hoursBetween(dumps: readonly EvidenceItem[]): number | null {
  const first = dumps[0]?.at;
  const last = dumps[dumps.length - 1]?.at;
  return first && last ? (Date.parse(last) - Date.parse(first)) / 3_600_000 : null;
}

function verdictConfidence(verdict: Verdict, findings: readonly Finding[], growth: Growth): number {
  if (verdict === 'leak') return Math.max(...findings.map((finding) => finding.confidence));
  if (verdict === 'inconclusive') return 0.5;
  return growth.sameProcess && growth.totalBytes.length >= 3 ? 0.9 : 0.6;
}

function summaryOf(
  verdict: Verdict,
  findings: readonly Finding[],
  accounts: Diagnosis['growth'],
  growth: Growth,
  { cut, scattered }: { readonly cut: readonly string[]; readonly scattered: number },
): string {
  const dumps = growth.totalBytes.length;
  const grew = `the heap went from ${formatBytes(accounts.fromBytes)} to ${formatBytes(accounts.toBytes)}`;
  if (verdict === 'no-leak')
    return `No leak: ${grew} over ${dumps} dumps, and nothing in it grows on and on.`;
  const share = `${formatShare(accounts.explainedShare)} of the growth (${formatBytes(accounts.explainedBytes)} of ${formatBytes(accounts.grownBytes)})`;
  const causes = findings.length === 1 ? '1 cause' : `${findings.length} causes`;
  if (verdict === 'leak') return `Leak: ${causes} explain${findings.length === 1 ? 's' : ''} ${share}.`;
  if (findings.length === 0 && cut.length === 0 && scattered > 0)
    return `Cannot tell yet: ${grew} over ${dumps} dumps; ${formatBytes(scattered)} of it go on evenly, but in small places of which none is a cause by itself.`;
  if (findings.length === 0 && cut.length === 0 && growth.sameProcess)
    return `Cannot tell yet: ${grew} over ${dumps} dumps, and nothing in it grows on and on; but the process grew beyond its objects.`;
  const why = !growth.sameProcess
    ? 'the dumps are of different processes'
    : cut.length > 0
      ? `only part of ${cut.join(' and ')} could be read`
      : dumps === 2
        ? 'two dumps cannot tell a leak from a cache that fills'
        : 'the growth does not go on in each interval';
  return `Cannot tell yet: ${why}; ${causes} to watch, ${share}.`;
}

function singleDump(evidence: EvidenceItem[], graph: HeapGraph | null): Diagnosis {
  const bytes = evidence[0]?.heapBytes ?? 0;
  return {
    schema: 'stanch/diagnosis@1',
    runtime: graph?.runtime ?? 'node',
    verdict: 'inconclusive',
    confidence: 0.5,
    summary: 'Cannot tell yet: one dump shows what there is, not what grows.',
    sameProcess: true,
    evidence,
    growth: {
      fromBytes: bytes,
      toBytes: bytes,
      grownBytes: 0,
      shrunkBytes: 0,
      explainedBytes: 0,
      explainedShare: 0,
      unexplained: [],
    },
    findings: [],
    harmless: [],
    claims: [],
    next: [
      {
        command: `stanch objects ${evidence[0]?.file ?? 'A.heapsnapshot'}`,
        why: 'shows which classes hold most memory now',
      },
      {
        command: 'stanch diagnose A.heapsnapshot B.heapsnapshot C.heapsnapshot',
        why: 'take two more dumps of the same process under load: three tell growth from filling',
      },
    ],
  };
}
