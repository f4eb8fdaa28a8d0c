import { formatBytes, formatCount, formatShare } from '../../../base/units.ts';
import type { Finding } from '../../../model/finding.ts';
import { type AllocationLine, grown } from '../../go/allocations.ts';
import { located } from '../../go/go-statement.ts';
import type { FindingContext } from '../../go/goroutine-finding.ts';
import { shortFunction, shortPlace } from '../../go/names.ts';
import { signatureOf } from '../../signature.ts';

/** What decides on a line of growing allocations beside its own figures. */
export interface HeapTrend {
  /** Connections rose as much as the line did, or nobody counted them. */
  readonly mayBeLoad: boolean;
  /** The load left before the last capture. */
  readonly isQuiet: boolean;
  /** Growth of the whole heap in bytes. */
  readonly heapGrowthBytes: number;
  /** The heap grows on by the runtime's own count, and this line has too few samples to say that it is the one. */
  readonly isHint?: boolean;
}

const LEAK = 0.6;
const SUSPICION = 0.4;
const HINT = 0.3;
/** Lines below this share of the heap's growth are no cause of it. */
const LEAST_SHARE = 0.05;
const LEAST_BYTES = 256 * 1024;

/**
 * A line whose allocations gather: maps and slices that only grow look like this. A heap profile tells where memory was
 * allocated and not who holds it, so that this is never more than a strong suspicion.
 */
export function unboundedCollection(
  line: AllocationLine,
  rank: number,
  trend: HeapTrend,
  context: FindingContext,
): Finding | null {
  const bytes = grown(line);
  if (
    (!line.isSignificant && !trend.isHint) ||
    bytes < LEAST_BYTES ||
    bytes < trend.heapGrowthBytes * LEAST_SHARE
  )
    return null;
  const rises = line.bytes.slice(1).map((each, index) => each - line.bytes[index]!);
  const isSteady = rises.length >= 2 && rises.every((rise) => rise > line.errorBytes * 0.5);
  const stays = trend.isQuiet && line.bytes.at(-1)! >= Math.max(...line.bytes) - 2 * line.errorBytes;
  const stopped =
    rises.length >= 2 && rises.at(-1)! <= Math.max(line.errorBytes, bytes * 0.05) && !trend.isQuiet;
  if ((stopped && !trend.isHint) || (trend.isQuiet && !stays)) return null;
  const isLeak = !trend.isHint && (stays || (isSteady && !trend.mayBeLoad));
  const isContext = [...line.through].some((name) =>
    /^context\.(?:With|\(\*cancelCtx\)\.propagateCancel)/.test(name),
  );
  const where = shortPlace(line.frame);
  const pattern = isContext ? 'context-not-cancelled' : 'unbounded-collection';
  const samples = line.samples.at(-1)!;
  const error = line.bytes.at(-1)! === 0 ? 0 : line.errorBytes / line.bytes.at(-1)!;
  return {
    id: `f-${rank}`,
    rank,
    pattern,
    title: isContext
      ? `Contexts made at ${where} are not cancelled and gather`
      : `What is allocated at ${where} gathers`,
    owner: shortFunction(line.frame.function),
    location: located(line.frame, 'allocates', context.code),
    alsoSee: [],
    growth: {
      objects: Math.max(0, Math.round(line.objects.at(-1)! - line.objects[0]!)),
      bytes,
      series: line.objects.map(Math.round),
      bytesSeries: [...line.bytes],
      holders: 0,
      perHour: context.hours ? Math.round((line.objects.at(-1)! - line.objects[0]!) / context.hours) : null,
      perOperation: null,
    },
    retainedBytes: null,
    members: [],
    alsoHeldBy: [],
    path: [],
    signature: signatureOf(['go', pattern, line.frame.function]),
    confidence: isLeak ? LEAK : trend.isHint ? HINT : SUSPICION,
    reasons: [
      `live bytes at this line: ${line.bytes.map(formatBytes).join(' → ')}`,
      samples === null
        ? 'every allocation was counted'
        : `${formatCount(samples)} raw samples, so the figure is right to about ±${formatShare(error)}`,
      ...(stays ? ['the load left and they stayed'] : isSteady ? ['they grew in each interval'] : []),
    ],
    evidence: [...context.evidenceIds],
    against: [
      'a heap profile tells where memory was allocated, not who holds it',
      ...(isLeak
        ? []
        : trend.isHint
          ? [
              `only ${formatCount(samples ?? 0)} raw samples: that the heap grows is counted, that it is here is not`,
            ]
          : [
              trend.mayBeLoad
                ? 'rising load looks like this'
                : 'two captures cannot tell growth from filling',
            ]),
    ],
    remedy: isContext
      ? {
          summary: 'Call the cancel function of every context on every way out.',
          example: 'ctx, cancel := context.WithTimeout(parent, time.Second)\ndefer cancel()',
          docs: 'docs/rules/go/context-not-cancelled.md',
        }
      : {
          summary:
            'Find the map or slice that this goes into and give it a limit, an expiry, or the deletion that is missing.',
          example: 'delete(sessions, id)',
          docs: 'docs/rules/go/unbounded-collection.md',
        },
  };
}
