import { SequenceInterner } from '../../base/sequence-interner.ts';
import { NONE, type StackProfile } from '../../model/stack-profile.ts';

/** What counts as one row of a table: a function, a function of one file, a file, a line of a function, an instruction. */
export type Granularity = 'functions' | 'filefunctions' | 'files' | 'lines' | 'addresses';

/** The rows that lines of code fall into. */
export interface Nodes {
  readonly count: number;
  /** The node of each line of `profile.lines`. */
  readonly ofLine: Uint32Array;
  /** The node of each location that has no lines (`NONE` for the others): its binary, or unknown code. */
  readonly ofLocation: Uint32Array;
  name(node: number): NodeName;
}

export interface NodeName {
  /** Function name; '' when rows are files or the code has no symbols. */
  readonly function: string;
  readonly file: string;
  /** 0 when rows are not lines. */
  readonly line: number;
  readonly address: bigint;
  /** The binary of code without symbols. */
  readonly binary: string;
}

/** Sorts all lines of a profile into nodes. Names count, not rows of the function table: writers may repeat a function. */
export function nodesOf(profile: StackProfile, granularity: Granularity): Nodes {
  const { locations, lines, functions, strings, mappings } = profile;
  const canonical = new Canonical();
  const byName = granularity !== 'files';
  const byFile = granularity !== 'functions';
  const byLine = granularity === 'lines' || granularity === 'addresses';
  const names = Array.from(functions.name, (text) => (byName ? canonical.of(strings[text]!) : 0));
  const files = Array.from(functions.file, (text) => (byFile ? canonical.of(cleanPath(strings[text]!)) : 0));
  const binaries = mappings.map(({ file }) => canonical.of(file));
  const interner = new SequenceInterner();
  const key = new Uint32Array(7);
  const ofLine = new Uint32Array(lines.function.length);
  const ofLocation = new Uint32Array(locations.count).fill(NONE);
  // Without lines and addresses a function with a name is one node wherever it is called.
  const ofFunction = new Uint32Array(functions.count).fill(NONE);
  const halves = new Uint32Array(locations.address.buffer, locations.address.byteOffset, locations.count * 2);
  for (let location = 0; location < locations.count; location++) {
    const mapping = locations.mapping[location]!;
    const binary = mapping === NONE ? 0 : binaries[mapping]!;
    const first = locations.firstLine[location]!;
    const end = locations.firstLine[location + 1]!;
    key[5] = granularity === 'addresses' ? halves[location * 2]! : 0;
    key[6] = granularity === 'addresses' ? halves[location * 2 + 1]! : 0;
    for (let line = first; line < Math.max(end, first + 1); line++) {
      const fn = line === end ? NONE : lines.function[line]!;
      const isKnown = fn !== NONE;
      if (isKnown && ofFunction[fn] !== NONE) {
        ofLine[line] = ofFunction[fn]!;
        continue;
      }
      key[0] = isKnown ? names[fn]! : 0;
      key[1] = isKnown ? files[fn]! : 0;
      key[2] = isKnown && byLine ? lines.line[line]! : 0;
      // Functions without a name are told apart by their binary and first line.
      key[3] = key[0] === 0 ? binary : 0;
      key[4] = key[0] === 0 && isKnown ? functions.startLine[fn]! : 0;
      const node = interner.intern(key);
      if (line === end) ofLocation[location] = node;
      else ofLine[line] = node;
      if (isKnown && !byLine && key[0] !== 0) ofFunction[fn] = node;
    }
  }
  const keys = interner.all();
  return {
    count: interner.count,
    ofLine,
    ofLocation,
    name: (node) => ({
      function: canonical.text(keys[node * 7]!),
      file: canonical.text(keys[node * 7 + 1]!),
      line: keys[node * 7 + 2]!,
      binary: canonical.text(keys[node * 7 + 3]!),
      address: granularity === 'addresses' ? wide(keys[node * 7 + 5]!, keys[node * 7 + 6]!) : 0n,
    }),
  };
}

function wide(low: number, high: number): bigint {
  return BigInt(low) | (BigInt(high) << 32n);
}

class Canonical {
  private readonly texts: string[] = [''];
  private readonly index = new Map<string, number>([['', 0]]);

  of(text: string): number {
    let index = this.index.get(text);
    if (index === undefined) {
      index = this.texts.push(text) - 1;
      this.index.set(text, index);
    }
    return index;
  }

  text(index: number): string {
    return this.texts[index]!;
  }
}

/** The name of a row in one line of text, as pprof prints it. */
export function printableName({ function: fn, file, line, address, binary }: NodeName): string {
  const parts: string[] = [];
  if (address !== 0n) parts.push(address.toString(16).padStart(16, '0'));
  if (fn !== '') parts.push(fn);
  if (line !== 0) parts.push(`${file}:${line}`);
  else if (file !== '') parts.push(file);
  else if (fn === '')
    parts.push(binary === '' ? '<unknown>' : `[${binary.slice(binary.lastIndexOf('/') + 1)}]`);
  return parts.join(' ');
}

/** A path without `.`, `..` and doubled slashes, and without prefixes that say nothing. */
function cleanPath(path: string): string {
  const bare = path.replace(/^\/proc\/self\/cwd\/(\.\/)?/, '');
  if (bare === '' || !/\/\/|(^|\/)\.{1,2}(\/|$)|.\/$/.test(bare)) return bare;
  const isRooted = bare.startsWith('/');
  const parts: string[] = [];
  for (const part of bare.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else if (!isRooted) parts.push('..');
  }
  return `${isRooted ? '/' : ''}${parts.join('/')}` || '.';
}
