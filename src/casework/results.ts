import type { CaseResult, TimelineRecord } from '../model/case.ts';
import { readCase, record } from './case-folder.ts';
import { readDocument, storeDocument } from './stored-document.ts';

/** What a command answers with `--json`: its schema says which command it was. */
export interface ResultDocument {
  /** As `stanch/verify@1`. */
  readonly schema: string;
  readonly verdict?: string | null;
}

/** A result of the case with the record that put it there. */
export interface KeptResult {
  readonly record: TimelineRecord;
  readonly result: CaseResult;
  /** What the command answered; null when it is gone or altered (`checkCase` tells which). */
  readonly document: ResultDocument | null;
}

/**
 * Keeps what a command answered in a case: the whole of it below `findings/`, and a record of kind `result` on the timeline. Both are on
 * the disk when this returns.
 *
 * @param text what it says, in a sentence; it stands on the timeline
 * @param facts further facts of the record
 * @throws UsageError `no-case` where the folder holds none
 */
export async function keepResult(
  folder: string,
  document: ResultDocument,
  text: string,
  facts?: Readonly<Record<string, string>>,
): Promise<TimelineRecord> {
  const stored = await storeDocument(folder, document);
  const result: CaseResult = {
    ...stored,
    schema: document.schema,
    verdict: document.verdict ?? null,
    summary: text,
  };
  const at = new Date().toISOString();
  const [written] = await record(folder, () => [
    { kind: 'result', at, text, result, ...(facts === undefined ? {} : { facts: { ...facts } }) },
  ]);
  return written!;
}

/** All results of a case, in the order in which they were kept. */
export async function readResults(folder: string): Promise<KeptResult[]> {
  const { timeline } = await readCase(folder);
  const kept: KeptResult[] = [];
  for (const each of timeline.records) {
    if (each.result === undefined) continue;
    const document = await readResult(folder, each.result).catch(() => null);
    kept.push({ record: each, result: each.result, document });
  }
  return kept;
}

/**
 * A result that is stored in the case.
 *
 * @throws StanchError `findings-damaged` when it is not as it was written
 */
async function readResult(folder: string, result: CaseResult): Promise<ResultDocument> {
  const command = /^stanch\/([\w-]+)@/.exec(result.schema)?.[1] ?? 'the command';
  return (await readDocument(
    folder,
    result,
    `run stanch ${command} with --case again, and the case has it anew`,
  )) as ResultDocument;
}
