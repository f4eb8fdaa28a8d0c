import { type MetricRole, roleOf } from '../analysis/series/metric-roles.ts';
import { median } from '../analysis/series/robust.ts';
import type { Series } from '../model/series.ts';
import type { Interval, Shape } from './confirmation.ts';
import type { Judgement, StretchContext } from './judgement.ts';
import { judgeStretch } from './stretch/judge-stretch.ts';
import { HOUR_MS } from './stretch.ts';
import { round } from './words.ts';

/** Resident memory that grows beside a heap that does not, and usage beside a working set that does not. */
export function besidesHeap(
  judged: Judgement,
  memory: Series,
  others: readonly Series[],
  context: StretchContext,
): Judgement {
  if (judged.verdict !== 'leak' || context.isHeap) return judged;
  const role = roleOf(memory.name, memory.labels);
  const judgeOther = (...roles: MetricRole[]): Judgement | null => {
    const other = others.find(({ name, labels }) => roles.includes(roleOf(name, labels)!));
    if (!other || other.values.length < memory.values.length / 3) return null;
    return judgeStretch(other.times, other.values, {
      ...context,
      limit: null,
      isHeap: roles.includes('heap-used'),
      isResident: !roles.includes('heap-used'),
    });
  };
  if (role === 'usage' || role === 'memory' || role === 'memory-share') {
    const inner = judgeOther('working-set', 'rss');
    if (inner?.verdict === 'inconclusive') return inner;
    if (inner?.verdict === 'no-leak') {
      return noLeak(judged, 'page-cache', [
        'the working set does not grow: what grows is page cache, which the kernel takes back',
        ...inner.reasons,
      ]);
    }
    const cache = others.find(({ name, labels }) => roleOf(name, labels) === 'page-cache');
    const cached = cache && judged.rate ? growthShare(cache, judged.rate) : 0;
    if (cached > 0.7) {
      return noLeak(judged, 'page-cache', [
        `page cache makes ${round(cached * 100)} % of the growth, and the kernel takes it back`,
      ]);
    }
  }
  if (context.mayBePageCache) {
    const missing = 'the working set beside it: usage counts page cache, which grows without a leak';
    return { ...judged, missing: [...judged.missing, missing] };
  }
  const heap = judgeOther('heap-old', 'heap-used');
  if (heap?.verdict === 'leak') return { ...judged, reasons: [...judged.reasons, 'the heap grows as well'] };
  if (heap?.verdict !== 'no-leak') return judged;
  if (judged.warmUpEndMs !== null) {
    return noLeak(judged, 'plateau', [
      'the heap does not grow and resident memory grows ever more slowly, as with fragmentation',
    ]);
  }
  return {
    ...judged,
    reasons: [
      ...judged.reasons,
      'the heap does not grow: it is native memory or fragmentation outside of the heap',
    ],
    missing: [
      ...judged.missing,
      "the allocator's own figures (mallinfo, jemalloc) would tell native memory from fragmentation",
    ],
  };
}

function noLeak(judged: Judgement, shape: Shape, reasons: readonly string[]): Judgement {
  return { ...judged, verdict: 'no-leak', shape, rate: null, onsetMs: null, reasons, missing: [] };
}

/** How much of a rate another series makes. */
function growthShare(part: Series, rate: Interval): number {
  const span = (part.times.at(-1)! - part.times[0]!) / HOUR_MS;
  const edge = Math.max(1, Math.floor(part.values.length / 8));
  const grown = median(part.values.subarray(-edge)) - median(part.values.subarray(0, edge));
  return grown / (span * 0.875) / rate.value;
}
