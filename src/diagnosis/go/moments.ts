import {
  captureOfDump,
  captureOfProfile,
  type GoroutineCapture,
} from '../../analysis/goroutines/captures.ts';
import { differentProcess } from '../../analysis/goroutines/same-process.ts';
import { SignatureTable } from '../../analysis/goroutines/signatures.ts';
import type { GoroutineDump } from '../../model/goroutines.ts';
import type { StackProfile } from '../../model/stack-profile.ts';

/** One piece of evidence from a Go process: a goroutine dump or a profile. */
export interface GoInput {
  /** A, B, C… in order of time. Inputs with one label are of one moment. */
  readonly label: string;
  readonly file: string;
  readonly sizeBytes: number | null;
  /** ISO time of the capture, when it is known. */
  readonly at: string | null;
  readonly sha256?: string | null;
  /** Stack text, as `readGoroutines` gives it. */
  readonly dump?: GoroutineDump;
  /** Goroutine, goroutineleak or heap profile. */
  readonly profile?: StackProfile;
}

/** All evidence of one moment. */
export interface Moment {
  readonly label: string;
  readonly at: string | null;
  readonly dump: GoroutineDump | null;
  readonly goroutines: StackProfile | null;
  readonly leaks: StackProfile | GoroutineDump | null;
  readonly heap: StackProfile | null;
  readonly evidence: readonly string[];
}

/** Moments of one process, oldest first, and what had to be left out. */
export interface OneProcess {
  readonly moments: readonly Moment[];
  readonly leftOut: readonly { readonly label: string; readonly why: string }[];
}

export function momentsOf(inputs: readonly GoInput[]): Moment[] {
  const labels = [...new Set(inputs.map(({ label }) => label))];
  return labels.map((label) => {
    const own = inputs
      .map((input, index) => ({ ...input, id: `e-${index + 1}` }))
      .filter((input) => input.label === label);
    const dumps = own.flatMap(({ dump }) => (dump ? [dump] : [])).sort((a, b) => b.count - a.count);
    const profile = (wanted: (type: string) => boolean): StackProfile | null =>
      own.find((input) => input.profile?.sampleTypes.some(({ type }) => wanted(type)))?.profile ?? null;
    return {
      label,
      at: own.find(({ at }) => at !== null)?.at ?? dumps[0]?.at ?? null,
      dump: dumps[0] ?? null,
      goroutines: profile((type) => type === 'goroutine'),
      leaks: profile((type) => type === 'goroutineleak') ?? dumps[1] ?? null,
      heap: heapOf(own),
      evidence: own.map(({ id }) => id),
    };
  });
}

/** The heap profile, with the figures of the process that only the text form has. */
function heapOf(inputs: readonly GoInput[]): StackProfile | null {
  const heaps = inputs.flatMap(({ profile }) =>
    profile?.sampleTypes.some(({ type }) => type === 'inuse_space') ? [profile] : [],
  );
  // The same profile may be there as protobuf and as text, and as `allocs`, which only shows another column first.
  const best =
    heaps.find(
      ({ format, defaultSampleType }) => format === 'pprof' && defaultSampleType !== 'alloc_space',
    ) ?? heaps[0];
  if (!best) return null;
  const figures = inputs.find(({ profile }) => profile && profile.figures.size > 0)?.profile?.figures;
  return figures && best.figures.size === 0 ? { ...best, figures } : best;
}

/**
 * The longest run of moments that can be of one process. Two captures of which the later one has lower ids, of another build, or
 * with other origins for the same ids are not compared: every number of such a pair would be an accident.
 */
export function sameProcessRun(moments: readonly Moment[]): OneProcess {
  const breaks: (string | null)[] = moments.map((moment, index) =>
    index === 0 ? null : breakBetween(moments[index - 1]!, moment),
  );
  let best = { from: 0, to: 0 };
  let from = 0;
  for (let to = 1; to <= moments.length; to++) {
    if (to < moments.length && breaks[to] === null) continue;
    // Of two equal runs the later one: it is what runs now.
    if (to - from >= best.to - best.from) best = { from, to };
    from = to;
  }
  return {
    moments: moments.slice(best.from, best.to),
    leftOut: moments.flatMap(({ label }, index) => {
      if (index >= best.from && index < best.to) return [];
      const why = index < best.from ? breaks[best.from] : breaks[best.to];
      return [{ label, why: why ?? 'of another process' }];
    }),
  };
}

function breakBetween(earlier: Moment, later: Moment): string | null {
  if (earlier.dump && later.dump) {
    const why = differentProcess(earlier.dump, later.dump);
    if (why !== null) return why;
  }
  const profiles = (moment: Moment): StackProfile[] =>
    [moment.goroutines, moment.heap].filter((profile) => profile !== null);
  for (const a of profiles(earlier)) {
    for (const b of profiles(later)) {
      const [one, other] = [a.mappings[0]?.buildId ?? '', b.mappings[0]?.buildId ?? ''];
      if (one !== '' && other !== '' && one !== other)
        return `they are of different builds (${one} and ${other})`;
    }
  }
  // Allocated bytes only ever rise.
  const allocated = (moment: Moment): number => moment.heap?.figures.get('TotalAlloc') ?? Number.NaN;
  return allocated(later) < allocated(earlier)
    ? 'the later process has allocated less than the earlier one'
    : null;
}

/** Goroutine captures of the moments that have any, in one table of kinds. */
export function capturesOf(moments: readonly Moment[]): {
  captures: GoroutineCapture[];
  table: SignatureTable;
} {
  const table = new SignatureTable();
  const cutAndCounted = (moment: Moment): boolean => moment.dump?.cut != null && moment.goroutines !== null;
  const creations = moments.every((moment) => moment.dump !== null && !cutAndCounted(moment));
  const captures = moments.map((moment) => {
    if (moment.dump && !cutAndCounted(moment)) return captureOfDump(moment.dump, table, creations);
    const counted = captureOfProfile(moment.goroutines!, table);
    // Counts from the whole, identities from as much as the text holds.
    if (!moment.dump) return counted;
    return { ...counted, identified: captureOfDump(moment.dump, table, false).identified };
  });
  return { captures, table };
}
