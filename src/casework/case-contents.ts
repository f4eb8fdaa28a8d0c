import type { CaseView, TimelineRecord } from '../model/case.ts';
import type { Diagnosis } from '../model/finding.ts';
import { parseSizeBytes } from '../model/series-unit.ts';
import { readCase } from './case-folder.ts';
import { viewCase } from './case-view.ts';
import { type ConfirmedEvidence, confirmEvidence } from './confirm-evidence.ts';
import { readFindings } from './findings.ts';
import { ownNames } from './hand-over.ts';
import type { KeptConfirmation } from './keep-confirmation.ts';
import { Mask } from './mask.ts';
import { type KeptResult, readResults } from './results.ts';
import { settingsOf } from './settings.ts';

/** Everything that a case says, read from the disk. */
export interface CaseContents {
  readonly view: CaseView;
  readonly settings: Readonly<Record<string, string>>;
  /** In the order of writing; damaged ones are left out (the view names the damage of evidence, `checkCase` all of it). */
  readonly diagnoses: readonly { readonly record: TimelineRecord; readonly diagnosis: Diagnosis }[];
  /** Of `stanch confirm`; judged from the series of the evidence where no answer was kept. */
  readonly confirmations: readonly ConfirmedEvidence[];
  readonly results: readonly KeptResult[];
}

/** Reads a case with all its documents. */
export async function readContents(folder: string): Promise<CaseContents> {
  const view = await viewCase(folder);
  const settings = settingsOf(view.timeline);
  const results = await readResults(folder);
  const diagnoses: { record: TimelineRecord; diagnosis: Diagnosis }[] = [];
  for (const record of view.timeline.toSorted((a, b) => a.seq - b.seq)) {
    const diagnosis = record.findings && (await readFindings(folder, record.findings).catch(() => null));
    if (diagnosis) diagnoses.push({ record, diagnosis });
  }
  return {
    view,
    settings,
    diagnoses,
    results,
    confirmations: await confirmationsOf(folder, view, results, settings),
  };
}

/** The same without secrets; what is masked has the same name throughout. */
export async function maskedContents(
  folder: string,
  contents: CaseContents,
  { hosts = false, words = [] }: { hosts?: boolean | undefined; words?: readonly string[] | undefined } = {},
): Promise<CaseContents> {
  const mask = new Mask({ hosts, words, keep: ownNames(await readCase(folder)) });
  return mask.value(contents);
}

async function confirmationsOf(
  folder: string,
  { evidence, timeline, handOver }: CaseView,
  results: readonly KeptResult[],
  settings: Readonly<Record<string, string>>,
): Promise<ConfirmedEvidence[]> {
  const kept = results.flatMap(({ record, document }) =>
    document?.schema === 'stanch/confirm@1'
      ? [{ at: record.at, confirmation: document as unknown as KeptConfirmation }]
      : [],
  );
  if (kept.length > 0) return kept;
  const leftOut = new Set(handOver?.leftOut ?? []);
  const there = evidence.filter(({ sha256 }) => !leftOut.has(sha256));
  return confirmEvidence(folder, there, timeline, parseSizeBytes(settings['limit'] ?? ''));
}
