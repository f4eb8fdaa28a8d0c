import type { StackProfile, ValueType } from '../../model/stack-profile.ts';
import type { ProfileFacts } from '../../model/stack-profile-builder.ts';
import type { TextProfile } from './read.ts';

const HEADER = /^heap profile: *(-?\d+): *(-?\d+) *\[ *(-?\d+): *(-?\d+) *\] *@ *([a-z]+[_a-z0-9]*)\/?(\d*)/;
const RECORD = /^(-?\d+): *(-?\d+) *\[ *(-?\d+): *(-?\d+) *\] *@((?: 0x[0-9a-f]+)*)\s*$/;
const FIGURE = /^# (\w+) = (-?[\d.e+-]+)(?: \/ (\d+))?$/;

const OBJECTS_AND_SPACE: readonly ValueType[] = [
  { type: 'objects', unit: 'count' },
  { type: 'space', unit: 'bytes' },
];
const ALLOC_AND_INUSE: readonly ValueType[] = ['alloc', 'inuse'].flatMap((which) => [
  { type: `${which}_objects`, unit: 'count' },
  { type: `${which}_space`, unit: 'bytes' },
]);

/** Allocators stand below the code that matters; but a panic or a reflected call in between is part of the way. */
const DROP_FRAMES = 'runtime\\..*';
const KEEP_FRAMES = 'runtime\\.panic|runtime\\.reflectcall|runtime\\.call[0-9]*';

interface Header {
  /** Mean bytes between two samples; 1 or less: all allocations were recorded. */
  rate: number;
  isScaled: boolean;
  hasAlloc: boolean;
  isGo: boolean;
}

function parseHeader(line: string): Header | null {
  const [, inuse, inuseBytes, alloc, allocBytes, kind, written] = HEADER.exec(line) ?? [];
  if (kind === undefined) return null;
  const hasAlloc = (alloc !== inuse && alloc !== '0') || (allocBytes !== inuseBytes && allocBytes !== '0');
  const rate = Number(written);
  // Go writes twice its rate, for readers that took it for that of tcmalloc's older sampler.
  if (kind === 'heap') return { rate: Math.trunc(rate / 2), isScaled: true, hasAlloc: true, isGo: true };
  if (kind === 'heap_v2' || kind === 'heapz_v2') return { rate, isScaled: true, hasAlloc, isGo: false };
  if (/^(heapprofile|growthz?|fragmentationz?)$/.test(kind))
    return { rate: 1, isScaled: false, hasAlloc, isGo: false };
  return null;
}

/** `heap?debug=1` of Go and what tcmalloc and gperftools write; values are raw samples that are scaled up here. */
export function heapProfile({ lines, open }: TextProfile): StackProfile {
  const header = parseHeader(lines.line);
  if (header === null) throw lines.error('"heap profile:" with a kind that is known');
  const types = header.hasAlloc ? ALLOC_AND_INUSE : OBJECTS_AND_SPACE;
  const { builder, stacks, finish } = open(types);
  const figures = new Map<string, number>();
  while (lines.advance()) {
    const { line } = lines;
    if (line.startsWith('#')) addFigure(figures, line);
    else if (line.trim() === '') continue;
    else if (line.startsWith('---') || line.startsWith('MAPPED_LIBRARIES:')) break;
    else {
      const [, inuse, inuseBytes, alloc, allocBytes, addresses] = RECORD.exec(line.trim()) ?? [];
      if (addresses === undefined) throw lines.error('"COUNT: BYTES [COUNT: BYTES] @ ADDRESSES"');
      const pairs = [[Number(inuse), Number(inuseBytes)] as const];
      if (header.hasAlloc) pairs.unshift([Number(alloc), Number(allocBytes)]);
      if (pairs.some(([count, bytes]) => count === 0 && bytes !== 0))
        throw lines.error('no bytes without objects');
      const values = pairs.flatMap(([count, bytes]) =>
        header.isScaled ? scaled(count, bytes, header.rate) : [count, bytes],
      );
      const size = pairs.reduce(
        (last, [count, bytes]) => (count === 0 ? last : Math.trunc(bytes / count)),
        0,
      );
      builder.sample(stacks.read(addresses, lines).stack, values);
      builder.numberLabel('bytes', size, 'bytes');
    }
  }
  const facts: ProfileFacts = {
    periodType: { type: 'space', unit: 'bytes' },
    period: header.rate,
    figures,
    ...(header.isGo ? { dropFrames: DROP_FRAMES, keepFrames: KEEP_FRAMES } : {}),
  };
  return finish(facts, header.isGo);
}

/** An allocation of s bytes is recorded with the chance 1 − exp(−s / rate): each recorded one stands for so many more. */
function scaled(count: number, bytes: number, rate: number): [number, number] {
  if (count === 0 || bytes === 0) return [0, 0];
  if (rate <= 1) return [count, bytes];
  const factor = 1 / (1 - Math.exp(-(bytes / count) / rate));
  return [Math.trunc(count * factor), Math.trunc(bytes * factor)];
}

/** MemStats at the end: `# Stack = INUSE / SYS` gives "Stack" and "StackSys". */
function addFigure(figures: Map<string, number>, line: string): void {
  const [, name, value, sys] = FIGURE.exec(line.trim()) ?? [];
  if (name === undefined || !Number.isFinite(Number(value))) return;
  figures.set(name, Number(value));
  if (sys !== undefined) figures.set(`${name}Sys`, Number(sys));
}
