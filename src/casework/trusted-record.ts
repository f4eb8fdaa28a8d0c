import type { CaseEvidence, CaseFindings, CaseResult } from '../model/case.ts';

/** A case may come from anywhere: what its records say must not lead out of its folder. */
export function isEvidence(value: unknown): value is CaseEvidence {
  const { sha256, name, bytes, kind, takenAt } = (value ?? {}) as Partial<
    Record<keyof CaseEvidence, unknown>
  >;
  return (
    isHash(sha256) &&
    typeof name === 'string' &&
    isNameWithin(name) &&
    Number.isSafeInteger(bytes) &&
    typeof kind === 'string' &&
    typeof takenAt === 'string'
  );
}

export function isFindings(value: unknown): value is CaseFindings {
  const { file, sha256, signatures } = (value ?? {}) as Partial<Record<keyof CaseFindings, unknown>>;
  return isHash(sha256) && isDocumentFile(file) && Array.isArray(signatures);
}

export function isResult(value: unknown): value is CaseResult {
  const { file, sha256, schema, verdict, summary } = (value ?? {}) as Partial<
    Record<keyof CaseResult, unknown>
  >;
  return (
    isHash(sha256) &&
    isDocumentFile(file) &&
    typeof schema === 'string' &&
    (verdict === null || typeof verdict === 'string') &&
    typeof summary === 'string'
  );
}

function isDocumentFile(value: unknown): boolean {
  return typeof value === 'string' && /^findings\/[\w-]+\.json$/.test(value);
}

function isHash(value: unknown): value is string {
  return /^[0-9a-f]{64}$/.test(String(value));
}

function isNameWithin(name: string): boolean {
  if (name.includes('\0') || /^[a-z]:/i.test(name)) return false;
  return name.split(/[/\\]/).every((part) => part !== '' && part !== '.' && part !== '..');
}
