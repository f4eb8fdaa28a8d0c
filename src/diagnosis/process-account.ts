import { gain } from '../base/gain.ts';
import { formatBytes } from '../base/units.ts';
import type { EvidenceItem, ProcessAccount } from '../model/finding.ts';

/** Growth of the process below this is not worth a word. */
const MIN_BYTES = 8_000_000;
const MIN_SHARE = 0.05;
/** So much of the growth beyond the objects must come back for the allocator to be the cause. */
const EXPLAINED = 0.6;
/** What is neither objects nor given back may be C code, pages that are half free, or slots that the collector keeps for later. */
const MIN_NATIVE_BYTES = 16_000_000;
const MIN_NATIVE_SHARE = 0.15;

/**
 * Divides what the process grew by: objects of the heap, memory that the allocator keeps though it is free (a copy of the
 * process gave it back when asked), and the rest, which C code holds. Null when the dumps do not tell the process's memory.
 */
export function processAccount(evidence: readonly EvidenceItem[]): ProcessAccount | null {
  const rssBytes = evidence.map((item) => item.process?.rssBytes ?? null);
  if (rssBytes.length < 2 || rssBytes.some((bytes) => bytes === null)) return null;
  const rss = rssBytes as number[];
  const trims = evidence.map((item) => item.process?.rssAfterTrimBytes ?? null);
  const afterTrim = trims.some((bytes) => bytes === null) ? null : (trims as number[]);
  const heap = evidence.map((item) => item.heapBytes);
  const rssGrowth = gain(rss);
  const heapGrowth = gain(heap);
  const allocator = evidence.at(-1)!.process?.allocator ?? null;
  const settings = evidence.at(-1)!.process?.settings ?? [];
  const trimGrowth = afterTrim === null ? null : gain(afterTrim);
  const beyond = rssGrowth - Math.max(0, heapGrowth);
  const given = trimGrowth === null ? null : Math.max(0, Math.min(beyond, rssGrowth - trimGrowth));
  const counts = rssGrowth >= MIN_BYTES && beyond >= Math.max(MIN_BYTES, MIN_SHARE * rss[0]!);
  const kind = !counts
    ? 'objects'
    : given === null
      ? 'unknown'
      : given >= EXPLAINED * beyond
        ? 'allocator'
        : beyond - given >= Math.max(MIN_NATIVE_BYTES, MIN_NATIVE_SHARE * rss[0]!) && isSteady(rss)
          ? 'native'
          : 'objects';
  return {
    rssBytes: rss,
    rssAfterTrimBytes: afterTrim,
    heapBytes: heap,
    allocatorBytes: given,
    nativeBytes: given === null ? null : Math.max(0, beyond - given),
    kind,
    text: textOf(kind, { rssGrowth, heapGrowth, beyond, given, allocator, settings }),
  };
}

function textOf(
  kind: ProcessAccount['kind'],
  told: {
    rssGrowth: number;
    heapGrowth: number;
    beyond: number;
    given: number | null;
    allocator: string | null;
    settings: readonly string[];
  },
): string {
  const grew = `The process grew by ${formatBytes(told.rssGrowth)}, its objects by ${formatBytes(told.heapGrowth)}.`;
  if (kind === 'objects') return grew;
  if (kind === 'unknown')
    return `${grew} What the other ${formatBytes(told.beyond)} are, the dumps do not tell: free memory kept by the allocator, or memory of C code.`;
  if (kind === 'native')
    return `${grew} Of the other ${formatBytes(told.beyond)} only ${formatBytes(told.given!)} came back when the allocator was asked to return what is free. The rest is memory of C code, or pages that are too broken up to be returned: watch whether it goes on.`;
  const arenas = told.settings.find((setting) => setting.startsWith('MALLOC_ARENA_MAX='));
  const advice =
    told.allocator === 'glibc'
      ? arenas
        ? ` (${arenas} is set already; malloc_trim now and then brings it back)`
        : '; MALLOC_ARENA_MAX=2 roughly halves it'
      : '';
  return `${grew} ${formatBytes(told.given!)} of the other ${formatBytes(told.beyond)} came back when the allocator was asked to return what is free: no leak, but memory that ${told.allocator ?? 'the allocator'} keeps${advice}.`;
}

/** The process grew in each interval: once is warm-up. */
function isSteady(series: readonly number[]): boolean {
  return series.length < 3 || series.every((bytes, at) => at === 0 || bytes > series[at - 1]!);
}
