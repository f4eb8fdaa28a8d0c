import { formatCount } from '../../base/units.ts';
import type { LineReader } from './line-reader.ts';
import type { RubyNames } from './names-file.ts';

export interface WarningFacts {
  readonly lines: LineReader;
  readonly dangling: number;
  readonly hasShapes: boolean;
  readonly names: RubyNames | null;
  /** The names file that was given is no names file, or belongs to another dump. */
  readonly namesProblem: string | null;
}

/** What is wrong with a dump that could be read, in sentences. */
export function warningsOf({ lines, dangling, hasShapes, names, namesProblem }: WarningFacts): string[] {
  const warnings: string[] = [];
  if (dangling > 0) {
    warnings.push(
      `torn dump: ${formatCount(dangling)} ${dangling === 1 ? 'reference leads' : 'references lead'} nowhere; the process went on while it was written: dump from a fork, as the Stanch agent does`,
    );
  }
  if (lines.malformed > 0) {
    warnings.push(
      `${formatCount(lines.malformed)} malformed ${lines.malformed === 1 ? 'line was' : 'lines were'} left out, the first at byte ${lines.firstMalformed}`,
    );
  }
  if (lines.repaired > 0) {
    warnings.push(
      `${formatCount(lines.repaired)} ${lines.repaired === 1 ? 'line' : 'lines'} with an unescaped file name ${lines.repaired === 1 ? 'was' : 'were'} read without the allocation site`,
    );
  }
  if (namesProblem !== null) warnings.push(namesProblem);
  if (names === null) {
    warnings.push(
      hasShapes
        ? 'no names file beside the dump: constants, globals and thread locals have no names; the Stanch agent for Ruby writes one with each dump'
        : 'no names file beside the dump, and Ruby before 3.2 leaves all names of variables out: references have no names; the Stanch agent for Ruby writes a names file with each dump',
    );
    return warnings;
  }
  if (!names.complete) warnings.push(`${names.file} is not complete: some references have no names`);
  if (names.unreadable > 0)
    warnings.push(`${names.file}: ${formatCount(names.unreadable)} of its lines could not be understood`);
  return warnings;
}
