import { join, sep } from 'node:path';
import { EXIT, StanchError } from '../base/errors.ts';
import type { CaseEvidence, CaseFindings, TimelineEntry } from '../model/case.ts';
import { DIAGNOSABLE_KINDS } from '../model/evidence-kinds.ts';
import type { Diagnosis } from '../model/finding.ts';
import { settleIncoming } from './capture-intake.ts';
import { groupsOf, latestGroup } from './captured-series.ts';
import { readCase, record } from './case-folder.ts';
import { blobPath } from './evidence-store.ts';
import { withNamedView } from './named-view.ts';
import { readDocument, storeDocument } from './stored-document.ts';

export interface DiagnoseCaseOptions {
  /** Only evidence whose name begins so; the latest process of which there are several captures when absent. */
  only?: string | undefined;
}

/**
 * Runs a diagnosis over the evidence of a case under its own names (order and companions go by names), stores the result and puts it
 * on the timeline.
 *
 * @param diagnose over these paths
 * @returns what `diagnose` gave, with the names of the case instead of paths; `otherEvidence` was not looked at, since it is of other processes
 */
export async function diagnoseCase<Result extends { diagnosis: Diagnosis }>(
  folder: string,
  diagnose: (paths: readonly string[]) => Promise<Result>,
  { only }: DiagnoseCaseOptions = {},
): Promise<Result & { findings: CaseFindings; otherEvidence: string[] }> {
  await readCase(folder);
  await settleIncoming(folder);
  const current = await readCase(folder);
  const leftOut = new Set(current.file.handOver?.leftOut ?? []);
  const evidence = current.evidence.filter(({ sha256 }) => !leftOut.has(sha256));
  const diagnosable = evidence.filter(({ kind }) => DIAGNOSABLE_KINDS.has(kind));
  const chosen =
    only === undefined
      ? latestGroup(groupsOf(current, (item) => diagnosable.includes(item)))?.evidence
      : diagnosable.filter(({ name }) => name.startsWith(only));
  const given = firstOfEach(chosen ?? []);
  if (given.length === 0) throw nothingToDiagnose(folder, only);
  const otherEvidence = diagnosable.filter((item) => !chosen?.includes(item)).map(({ name }) => name);
  const companions = evidence.filter(({ kind }) => kind === 'companion');
  return withNamedView(folder, [...given, ...companions], async (view) => {
    const result = await diagnose(given.map(({ name }) => join(view, name)));
    const diagnosis = withHashes(inNamesOfCase(result.diagnosis, view, evidence), evidence);
    const findings = await recordDiagnosis(folder, diagnosis);
    return { ...namesOnly(result, view), diagnosis, findings, otherEvidence };
  });
}

/** Stores a diagnosis and puts it, and what it says of claims, on the timeline. */
async function recordDiagnosis(folder: string, diagnosis: Diagnosis): Promise<CaseFindings> {
  const { file, sha256 } = await storeDocument(folder, diagnosis);
  const { verdict, confidence, summary } = diagnosis;
  const signatures = diagnosis.findings.map(({ signature }) => signature);
  const findings: CaseFindings = { file, sha256, verdict, confidence, summary, signatures };
  const at = new Date().toISOString();
  const claims = diagnosis.claims.map(
    (claim): TimelineEntry => ({
      kind: 'claim',
      at,
      text: `${claim.text}: ${claim.verdict}: ${claim.because}`,
      facts: { verdict: claim.verdict },
    }),
  );
  await record(folder, () => [{ kind: 'findings', at, text: summary, findings }, ...claims]);
  return findings;
}

/**
 * A diagnosis that is stored in the case.
 *
 * @throws StanchError `findings-damaged` when it is not as it was written
 */
export async function readFindings(folder: string, findings: CaseFindings): Promise<Diagnosis> {
  const hint = 'stanch case diagnose makes it again from the evidence';
  return (await readDocument(folder, findings, hint)) as Diagnosis;
}

/** One dump under two names would be two moments in which nothing grew. */
function firstOfEach(evidence: readonly CaseEvidence[]): CaseEvidence[] {
  const seen = new Set<string>();
  return evidence.filter(({ sha256 }) => !seen.has(sha256) && seen.add(sha256));
}

/** Commands are to be run, within the case folder: they name the stored file. All else names the evidence. */
function inNamesOfCase(diagnosis: Diagnosis, view: string, evidence: readonly CaseEvidence[]): Diagnosis {
  const byLength = evidence.toSorted((a, b) => b.name.length - a.name.length);
  const runnable = (command: string): string =>
    byLength.reduce((text, { name, sha256 }) => text.replaceAll(join(view, name), blobPath(sha256)), command);
  const next = diagnosis.next.map(({ command, why }) => ({ command: runnable(command), why }));
  return namesOnly({ ...diagnosis, next }, view);
}

function withHashes(diagnosis: Diagnosis, evidence: readonly CaseEvidence[]): Diagnosis {
  const hashes = new Map(evidence.map(({ name, sha256 }) => [name, sha256]));
  return {
    ...diagnosis,
    evidence: diagnosis.evidence.map((item) => ({ ...item, sha256: hashes.get(item.file) ?? item.sha256 })),
  };
}

/** The same value with the folder of the view taken out of every text. */
function namesOnly<T>(value: T, view: string): T {
  if (typeof value === 'string') return value.replaceAll(view + sep, '') as T;
  if (Array.isArray(value)) return value.map((each) => namesOnly(each, view)) as T;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, namesOnly(each, view)])) as T;
}

function nothingToDiagnose(folder: string, only?: string): StanchError {
  const called = only === undefined ? '' : ` whose name begins with ${only}`;
  return new StanchError(`${folder}: no heap dump and no profile${called} is among the evidence`, {
    code: 'no-evidence',
    exitCode: EXIT.unreadable,
    hint: `stanch case add ${folder} <dumps…>`,
  });
}
