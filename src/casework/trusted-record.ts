import type { CaseEvidence, CaseFindings } from '../model/case.ts';

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
  return isHash(sha256) && /^findings\/[\w-]+\.json$/.test(String(file)) && Array.isArray(signatures);
}

function isHash(value: unknown): value is string {
  return /^[0-9a-f]{64}$/.test(String(value));
}

function isNameWithin(name: string): boolean {
  if (name.includes('\0') || /^[a-z]:/i.test(name)) return false;
  return name.split(/[/\\]/).every((part) => part !== '' && part !== '.' && part !== '..');
}
