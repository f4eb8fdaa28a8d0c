import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, StanchError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import { diagnoseFiles } from '../../library/diagnose-files.ts';
import type { EventStream } from '../../model/event-stream.ts';
import type { Diagnosis } from '../../model/finding.ts';
import type { Series } from '../../model/series.ts';
import type { UnreadableEvidence } from '../../sources/evidence.ts';
import { findEvidence } from '../../sources/find-evidence.ts';
import { readSeries } from '../../sources/series/read-series.ts';

/** All that was given for one side, sorted by what it is. */
export interface Side {
  readonly series: readonly Series[];
  readonly events: readonly EventStream[];
  /** Null when there are no dumps and no profiles. */
  readonly diagnosis: Diagnosis | null;
  readonly unreadable: readonly UnreadableEvidence[];
  readonly notes: readonly string[];
}

export interface ReadSideOptions extends LongCall {
  readonly metric?: string | undefined;
  readonly source?: string | undefined;
  readonly operations?: number | undefined;
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
}

/**
 * Reads any mix of numbers over time and dumps; which is which is told by their content.
 *
 * @throws StanchError with exit code 3 when nothing of it can be read
 */
export async function readSide(paths: readonly string[], options: ReadSideOptions): Promise<Side> {
  const { metric, source, operations, stdin, ...call } = options;
  const series: Series[] = [];
  const events: EventStream[] = [];
  const notes: string[] = [];
  const unreadable: UnreadableEvidence[] = [];
  const dumps: string[] = [];
  for (const path of await leaves(paths)) {
    if (path.given && (await isDump(path.name))) dumps.push(path.name);
    else {
      try {
        const set = await readSeries(path.name, { ...call, metric, stdin });
        series.push(...set.series);
        events.push(...set.events);
        notes.push(...set.notes);
      } catch (error) {
        if (!(error instanceof StanchError)) throw error;
        // What lies in a folder beside the evidence was not named.
        if (path.given) unreadable.push({ file: path.name, reason: error.message });
      }
    }
  }
  if (dumps.length === 0 && series.length === 0) {
    throw new StanchError(`${unreadable[0]?.reason ?? `${paths.join(' ')}: nothing that can be compared`}`, {
      code: 'no-evidence',
      exitCode: EXIT.unreadable,
      hint: 'series (CSV, OpenMetrics, JSON lines, a Prometheus server), heap dumps, profiles, goroutines',
    });
  }
  if (dumps.length === 0) return { series, events, diagnosis: null, unreadable, notes };
  const { diagnosis, evidence } = await diagnoseFiles(dumps, {
    ...call,
    source,
    ...(operations === undefined ? {} : { operations }),
  });
  return {
    series,
    events,
    diagnosis,
    unreadable: [...unreadable, ...evidence.unreadable],
    notes: [...notes, ...evidence.notes],
  };
}

/** Folders as they are for their dumps, and their files besides for tables among them. */
async function leaves(paths: readonly string[]): Promise<{ name: string; given: boolean }[]> {
  const all: { name: string; given: boolean }[] = [];
  for (const name of paths) {
    all.push({ name, given: true });
    if (!isFolder(name)) continue;
    for (const entry of await readdir(name, { withFileTypes: true })) {
      if (entry.isFile() && /\.(csv|tsv|jsonl|ndjson|prom|om)(\.gz|\.zst)?$/.test(entry.name))
        all.push({ name: join(name, entry.name), given: false });
    }
  }
  return all;
}

async function isDump(path: string): Promise<boolean> {
  if (/^https?:|^\d+$|^-$/.test(path) && !statSync(path, { throwIfNoEntry: false })) return false;
  if (isFolder(path)) {
    return findEvidence([path]).then(
      () => true,
      () => false,
    );
  }
  try {
    await findEvidence([path]);
    return true;
  } catch (error) {
    if (error instanceof StanchError) return false;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
