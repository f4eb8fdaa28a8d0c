import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { EXIT, StanchError } from '../base/errors.ts';
import type { CaseEvidence, CaseFindings, TimelineEntry } from '../model/case.ts';
import type { Diagnosis } from '../model/finding.ts';
import { readCase, record } from './case-folder.ts';
import { makeFolder, writeDurably } from './durable-file.ts';
import { blobPath } from './evidence-store.ts';
import { hashOf } from './timeline.ts';

const DIAGNOSABLE = new Set(['heap-graph', 'stack-profile', 'goroutines']);

/**
 * Runs a diagnosis over the evidence of a case under its own names (order and companions go by names), stores the result and puts it
 * on the timeline.
 *
 * @param diagnose over these paths
 * @returns what `diagnose` gave, with the names of the case instead of paths
 */
export async function diagnoseCase<Result extends { diagnosis: Diagnosis }>(
  folder: string,
  diagnose: (paths: readonly string[]) => Promise<Result>,
): Promise<Result & { findings: CaseFindings }> {
  const { file, evidence: all } = await readCase(folder);
  const leftOut = new Set(file.handOver?.leftOut ?? []);
  const evidence = all.filter(({ sha256 }) => !leftOut.has(sha256));
  const given = firstOfEach(evidence.filter(({ kind }) => DIAGNOSABLE.has(kind)));
  if (given.length === 0) throw nothingToDiagnose(folder);
  const view = await mkdtemp(join(tmpdir(), 'stanch-case-'));
  try {
    for (const { name, sha256 } of [...given, ...evidence.filter(({ kind }) => kind === 'companion')]) {
      const path = join(view, name);
      await mkdir(dirname(path), { recursive: true });
      await symlink(resolve(folder, blobPath(sha256)), path);
    }
    const result = await diagnose(given.map(({ name }) => join(view, name)));
    const diagnosis = withHashes(inNamesOfCase(result.diagnosis, view, evidence), evidence);
    const findings = await recordDiagnosis(folder, diagnosis);
    return { ...namesOnly(result, view), diagnosis, findings };
  } finally {
    await rm(view, { recursive: true, force: true });
  }
}

/** Stores a diagnosis and puts it, and what it says of claims, on the timeline. */
async function recordDiagnosis(folder: string, diagnosis: Diagnosis): Promise<CaseFindings> {
  const text = `${JSON.stringify(diagnosis, null, 2)}\n`;
  const sha256 = hashOf(Buffer.from(text));
  const file = `findings/${sha256}.json`;
  await readCase(folder);
  await makeFolder(join(folder, 'findings'));
  await writeDurably(join(folder, file), text);
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
  const bytes = await readFile(join(folder, findings.file)).catch(() => null);
  if (bytes !== null && hashOf(bytes) === findings.sha256)
    return JSON.parse(bytes.toString('utf8')) as Diagnosis;
  throw new StanchError(
    `${findings.file} ${bytes === null ? 'is gone' : 'was altered after it was written'}`,
    {
      code: 'findings-damaged',
      exitCode: EXIT.unreadable,
      hint: 'stanch case diagnose makes it again from the evidence',
    },
  );
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

function nothingToDiagnose(folder: string): StanchError {
  return new StanchError(`${folder}: no heap dump and no profile is among the evidence`, {
    code: 'no-evidence',
    exitCode: EXIT.unreadable,
    hint: `stanch case add ${folder} <dumps…>`,
  });
}
