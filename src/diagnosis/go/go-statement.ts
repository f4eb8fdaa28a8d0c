import { writtenIn } from '../../analysis/goroutines/frame-author.ts';
import type { Signature } from '../../analysis/goroutines/signatures.ts';
import type { FindingLocation } from '../../model/finding.ts';
import type { GoFrame } from '../../model/goroutines.ts';
import type { GoCode } from './go-code.ts';

/** The function that handed a closure to a helper (`safe.Go(func() {…})`) whose `go` statement started it; null when none did. */
export function helpedBy({ creation, entry }: Signature): string | null {
  const owner = entry ? writtenIn(entry.function) : null;
  return creation !== null && owner !== null && owner !== creation.function ? owner : null;
}

/**
 * Where the goroutines are started: the `go` statement, or the call of the helper that has it. Profiles do not have it; it is
 * then looked up in the source. Null when nothing tells.
 */
export function goStatement(signature: Signature, code: GoCode | null): FindingLocation | null {
  const { creation, creationAuthor, entry } = signature;
  const isHelped = helpedBy(signature) !== null;
  if (creation !== null && creationAuthor === 'user' && !isHelped) return located(creation, 'adds', code);
  if (entry === null || writtenIn(entry.function) === null || (creation !== null && !isHelped)) return null;
  const file = code?.matcher.fileFor(entry.file) ?? null;
  const fn = file === null ? null : code!.functionAround(file, entry.line);
  if (fn && (isHelped || /\bgo\s+func\b/.test(code!.line(fn.file, fn.firstLine)))) {
    return { file: fn.file, line: fn.firstLine, role: 'adds' };
  }
  return isHelped ? located(entry, 'adds', code) : null;
}

/** A frame in the terms of the checkout, if it is part of it. */
export function located(frame: GoFrame, role: FindingLocation['role'], code: GoCode | null): FindingLocation {
  return { file: code?.matcher.fileFor(frame.file) ?? frame.file, line: frame.line, role };
}
