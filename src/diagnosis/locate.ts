import type { FindingLocation } from '../model/finding.ts';
import type { SourceLocation } from '../model/source-location.ts';
import { authorOf } from './authorship.ts';
import type { Owner } from './dialect.ts';
import type { RuleMatch } from './rules/rule.ts';
import type { SourceLine, SourceMatcher } from './source-match.ts';

/** A line this near to a closure is where it is handed over. */
const NEAR_LINES = 40;
const MAX_ALSO = 4;
const ASSIGNED = /^[\w@$.]+\s*=[^=]/;

export interface Located {
  readonly location: FindingLocation | null;
  readonly alsoSee: readonly FindingLocation[];
  /** A line of the service's own code was found that lets members in. */
  readonly inSource: boolean;
  /** With source at hand: no line lets members out again. */
  readonly neverRemoved: boolean;
}

/**
 * Puts a cause into files and lines: from positions in the dump, and from the service's code where it is at hand.
 *
 * @param ownFunctions the service's own functions that the members lead to: where all else is a library's, they tell the line
 */
export function locate(
  match: RuleMatch,
  owner: Owner,
  source: SourceMatcher | null,
  ownFunctions: readonly SourceLocation[] = [],
): Located {
  const made = [match.adds, ...(match.allocates ?? [])]
    .filter((place) => place !== null)
    .filter(isOwn)
    .map(mapped);
  const holds = owner.holds && isOwn(owner.holds) ? mapped(owner.holds) : null;
  const also: FindingLocation[] = [];
  let location: FindingLocation | null = null;
  let removed = false;
  if (source) {
    const near = [
      ...(match.code.within ? shallowFirst(source.search(match.code.within)) : []),
      ...made,
      ...(holds ? [holds] : []),
    ].map((place) => place.file);
    const closure = match.adds ? (made[0] ?? null) : null;
    const keyWords = match.code.keyWords ?? [];
    let adds = ranked(source, match.code.adds, near, closure, keyWords);
    let { removes } = match.code;
    if (adds.length === 0 && match.code.alias) {
      const other = aliased(source, match.code.alias, near);
      adds = ranked(source, [], [...near, ...other.adds.map(({ file }) => file)], null, keyWords, other.adds);
      removes = [...removes, ...other.removes];
    }
    if (adds.length === 0) adds = ranked(source, match.code.makes ?? [], near, null);
    const best = adds[0];
    if (best) {
      location = { file: best.file, line: best.line, role: 'adds' };
      also.push(
        ...adds
          .slice(1, 3)
          .map((line): FindingLocation => ({ file: line.file, line: line.line, role: 'adds' })),
      );
    }
    const removals = removes
      .flatMap((pattern) => source.search(pattern, near))
      .filter((line) => near.length === 0 || near.includes(line.file))
      // What a constructor sets up empty takes nothing out.
      .filter((line) => !(ASSIGNED.test(line.text) && source.isInConstructor(line)));
    removed = removals.length > 0;
    also.push(
      ...removals
        .slice(0, 2)
        .map((line): FindingLocation => ({ file: line.file, line: line.line, role: 'removes' })),
    );
  }
  const inSource = location !== null;
  for (const place of made) {
    const role = match.adds && place === made[0] && !location ? 'adds' : 'allocates';
    const found: FindingLocation = { file: place.file, line: place.line, role };
    if (location) also.push(found);
    else location = role === 'adds' ? found : null;
    if (!location) also.push(found);
  }
  const handedOver = location === null && !made.some(isUsers) ? ownFunctions[0] : undefined;
  if (handedOver) {
    const { file, line } = mapped(handedOver);
    location = { file, line, role: 'adds' };
  }
  if (holds) {
    const found: FindingLocation = { file: holds.file, line: holds.line, role: 'holds' };
    if (location) also.push(found);
    else location = found;
  }
  return {
    location,
    alsoSee: unique(also, location).slice(0, MAX_ALSO),
    inSource,
    neverRemoved: source !== null && inSource && !removed,
  };

  function mapped(place: SourceLocation): SourceLocation {
    return source ? source.locate(place) : place;
  }
}

function isUsers(place: SourceLocation): boolean {
  return authorOf(place.file) === 'user';
}

/** Lines that add under another name than that of the owner, in the files where that name is given. */
function aliased(
  source: SourceMatcher,
  { pattern, code }: NonNullable<RuleMatch['code']['alias']>,
  near: readonly string[],
): { adds: SourceLine[]; removes: readonly RegExp[] } {
  const adds: SourceLine[] = [];
  const removes: RegExp[] = [];
  for (const given of source.search(pattern, near)) {
    const name = pattern.exec(given.text)?.[1];
    if (name === undefined) continue;
    const hints = code(name);
    adds.push(
      ...hints.adds
        .flatMap((each) => source.search(each, [given.file]))
        .filter(({ file }) => file === given.file),
    );
    removes.push(...hints.removes);
  }
  return { adds, removes };
}

/** Of several copies of a class the one nearest to the top of the checkout is what runs; the others are variants of it. */
function shallowFirst(lines: readonly SourceLine[]): SourceLine[] {
  const depth = ({ file }: SourceLine): number => file.split('/').length;
  return lines.toSorted((a, b) => depth(a) - depth(b));
}

function isOwn(place: SourceLocation): boolean {
  return authorOf(place.file) !== 'runtime';
}

/** Lines that let members in: those near the closure first, then those in the files that the dump names. */
function ranked(
  source: SourceMatcher,
  patterns: readonly RegExp[],
  near: readonly string[],
  closure: SourceLocation | null,
  keyWords: readonly string[] = [],
  found: readonly SourceLine[] | null = null,
): SourceLine[] {
  const lines = found ?? patterns.flatMap((pattern) => source.search(pattern, near));
  const makesKey = (line: SourceLine): boolean => keyWords.some((word) => line.text.includes(word));
  const distance = (line: SourceLine): number => {
    // A constructor sets things up once; what runs again and again stands elsewhere.
    const once = closure === null && source.isInConstructor(line) ? 50_000 : 0;
    return once + nearness(line) - (makesKey(line) ? 500 : 0);
  };
  const nearness = (line: SourceLine): number => {
    if (closure && line.file === closure.file)
      return Math.abs(line.line - closure.line) * (line.line < closure.line ? 1.5 : 1);
    const at = near.indexOf(line.file);
    return at >= 0 ? 1000 + at * 100_000 : 10_000_000;
  };
  const usable = closure
    ? lines.filter((line) => line.file === closure.file && Math.abs(line.line - closure.line) <= NEAR_LINES)
    : near.some((file) => source.has(file)) && lines.some((line) => near.includes(line.file))
      ? lines.filter((line) => near.includes(line.file))
      : lines.length <= 3
        ? lines
        : [];
  return [...usable].sort((a, b) => distance(a) - distance(b));
}

function unique(locations: readonly FindingLocation[], main: FindingLocation | null): FindingLocation[] {
  const seen = new Set(main ? [`${main.file}:${main.line}`] : []);
  return locations.filter(({ file, line }) => {
    const key = `${file}:${line}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
