import { basename } from 'node:path';
import type { CaseEvidence, TimelineRecord } from '../model/case.ts';
import { timeInName } from '../sources/natural-order.ts';
import { readCase, record } from './case-folder.ts';
import { freeNames, type NamedFile, namedFiles } from './evidence-names.ts';
import { storeFile } from './evidence-store.ts';
import { recognise } from './recognise.ts';

export interface AddEvidenceOptions {
  /** Said of these files on the timeline. */
  note?: string | undefined;
  /** When they were taken, ISO 8601; what they tell themselves when absent. */
  at?: string | undefined;
  hardLink?: boolean | undefined;
  /** Further facts of the record. */
  facts?: Record<string, string> | undefined;
}

/** What `addEvidence` did. */
export interface AddedEvidence {
  added: CaseEvidence[];
  /** Null when nothing was new. */
  record: TimelineRecord | null;
  /** What was there before. */
  alreadyThere: CaseEvidence[];
}

/**
 * Takes files and folders into a case as one batch: all of them are on the timeline, or none. What is there already under its name is not added
 * again.
 */
export async function addEvidence(
  folder: string,
  paths: readonly string[],
  options: AddEvidenceOptions = {},
): Promise<AddedEvidence> {
  await readCase(folder);
  return addNamedFiles(folder, namedFiles(paths), options);
}

/** The same for files whose names in the case are known. */
export async function addNamedFiles(
  folder: string,
  files: readonly NamedFile[],
  { note, at, hardLink, facts }: AddEvidenceOptions = {},
): Promise<AddedEvidence> {
  const batch: CaseEvidence[] = [];
  for (const { path, name } of files) {
    const { sha256, bytes, modifiedMs } = await storeFile(folder, path, { hardLink: hardLink ?? false });
    const takenAt = at ?? timeInName(basename(name)) ?? new Date(modifiedMs).toISOString();
    batch.push({ sha256, name, bytes, ...(await recognise(path, name)), takenAt });
  }
  let added: CaseEvidence[] = [];
  const records = await record(folder, ({ evidence }) => {
    const names = freeNames(batch, evidence);
    const there = new Set(evidence.map(({ name }) => name));
    added = batch
      .map((item, index) => ({ ...item, name: names[index]! }))
      .filter(({ name }) => !there.has(name));
    if (added.length === 0 && note === undefined) return [];
    const takenAt =
      added
        .map((item) => item.takenAt)
        .sort()
        .at(-1) ?? new Date().toISOString();
    return [
      {
        kind: added.length === 0 ? 'note' : 'capture',
        at: at ?? takenAt,
        text: textOf(added, note),
        evidence: added,
        ...(facts === undefined ? {} : { facts }),
      },
    ];
  });
  const addedHashes = new Set(added.map(({ sha256 }) => sha256));
  return {
    added,
    alreadyThere: batch.filter(({ sha256 }) => !addedHashes.has(sha256)),
    record: records[0] ?? null,
  };
}

const NAMED = 4;

function textOf(added: readonly CaseEvidence[], note: string | undefined): string {
  const names = added.slice(0, NAMED).map(({ name }) => name);
  const rest = added.length - names.length;
  const files = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  if (note === undefined) return files;
  return files === '' ? note : `${files}: ${note}`;
}
