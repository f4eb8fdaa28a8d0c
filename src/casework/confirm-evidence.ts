import { join, sep } from 'node:path';
import { StanchError } from '../base/errors.ts';
import { confirmSet } from '../confirm/confirm-set.ts';
import { correlatesOf, ledgersOf } from '../confirm/correlates.ts';
import type { CaseEvidence, TimelineRecord } from '../model/case.ts';
import { eventStreamFrom } from '../model/event-stream.ts';
import { readSeries } from '../sources/series/read-series.ts';
import { type KeptConfirmation, samplesOf } from './keep-confirmation.ts';
import { withNamedView } from './named-view.ts';

/** A series file of the case, judged. */
export interface ConfirmedEvidence {
  /** When the file was taken. */
  readonly at: string;
  readonly confirmation: KeptConfirmation;
}

/**
 * Judges the memory series among the evidence, each file by itself, with the deploys of the timeline. Files without memory, or that cannot be
 * read, are passed over: whoever wants to know why runs `stanch confirm` on them.
 */
export async function confirmEvidence(
  folder: string,
  evidence: readonly CaseEvidence[],
  timeline: readonly TimelineRecord[],
  limit: number | null,
): Promise<ConfirmedEvidence[]> {
  const files = evidence.filter(({ kind }) => kind === 'series');
  const deploys = eventStreamFrom(
    'timeline',
    timeline
      .filter(({ kind }) => kind === 'deploy')
      .map(({ at, text }) => ({ atMs: Date.parse(at), kind: 'deploy' as const, text })),
  );
  return withNamedView(folder, files, async (view) => {
    const judged: ConfirmedEvidence[] = [];
    for (const { name, takenAt } of files) {
      const confirmation = await confirmFile(join(view, name), [deploys], limit).catch((error: unknown) => {
        if (error instanceof StanchError) return null;
        throw error;
      });
      if (confirmation === null) continue;
      const source = confirmation.source.replaceAll(view + sep, '');
      judged.push({ at: takenAt, confirmation: { ...confirmation, source } });
    }
    return judged.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  });
}

async function confirmFile(
  path: string,
  deploys: readonly ReturnType<typeof eventStreamFrom>[],
  limit: number | null,
): Promise<KeptConfirmation | null> {
  const { series, events } = await readSeries(path);
  const all = confirmSet(series, {
    events: [...deploys, ...events],
    ...(limit === null ? {} : { limit }),
  });
  const [worst, ...rest] = all.map((each) => ({
    ...each,
    correlates: correlatesOf(each, series),
    ledgers: ledgersOf(each, series),
  }));
  if (worst === undefined) return null;
  const others = rest.map(({ floor: _, ...each }) => each);
  return {
    ...worst,
    others,
    samples: samplesOf(worst, series),
    limit: limit ?? worst.timeToLimit?.limitBytes ?? null,
  };
}
