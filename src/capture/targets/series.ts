import { setTimeout as sleep } from 'node:timers/promises';
import type { OnProgress } from '../../base/progress.ts';
import type { EvidenceFile } from '../probes/evidence-file.ts';
import type { PreparedTarget } from './target.ts';

/** Labels are letters. */
export const MOST_CAPTURES = 26;
const TICK_MS = 1000;

/** `A` for the first moment of a series. */
export function labelOf(at: number): string {
  return String.fromCharCode(65 + at);
}

/** What was taken at one moment. */
export interface CapturedMoment {
  readonly label: string;
  /** When it was begun, as ISO 8601. */
  readonly at: string;
  readonly files: readonly EvidenceFile[];
}

export interface SeriesOptions {
  readonly count: number;
  /** From the end of one capture to the beginning of the next. */
  readonly everyMs: number;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Takes a series, each moment given as soon as it is whole. Before every capture but the first the target is looked at again: memory that
 * was there ten minutes ago may be gone.
 *
 * @returns why the series ended early; null when it is complete
 */
export async function* captureSeries(
  target: PreparedTarget,
  { count, everyMs, folder, signal, onProgress }: SeriesOptions,
): AsyncGenerator<CapturedMoment, string | null> {
  let ended = performance.now();
  for (let at = 0; at < count; at++) {
    if (at > 0) {
      // From the end of the one before: a process that stood still for its capture needs this time to work, or nothing would have grown.
      for (;;) {
        const leftMs = ended + everyMs - performance.now();
        if (leftMs <= 0) break;
        onProgress?.(
          `waiting for capture ${at + 1} of ${count}, seconds`,
          Math.round((everyMs - leftMs) / 1000),
          Math.round(everyMs / 1000),
        );
        await sleep(Math.min(TICK_MS, leftMs), undefined, { signal });
      }
      const obstacle = (await target.again?.()) ?? null;
      if (obstacle !== null) return obstacle;
    }
    signal.throwIfAborted();
    const label = labelOf(at);
    const begun = new Date().toISOString();
    const files = await target.capture({ label, folder, signal, onProgress });
    ended = performance.now();
    yield { label, at: begun, files };
  }
  return null;
}
