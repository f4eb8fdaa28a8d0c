import type { Mapping } from '../../model/stack-profile.ts';

const SENTINEL = /^(--- Memory map: ---|MAPPED_LIBRARIES:)\s*$/m;
/** A line of /proc/PID/maps (proc(5)). */
const MAPS_LINE = /^\s*([0-9a-f]+)-([0-9a-f]+)\s+([-rwxps]+)\s+([0-9a-f]+)\s+\S+\s+\d+\s*(.*)$/i;

/** The executable parts of the memory map at the end of a profile of a native program; Go writes none. */
export function memoryMap(text: string): Mapping[] {
  const found = SENTINEL.exec(text);
  if (found === null) return [];
  const mappings: Mapping[] = [];
  for (const line of text.slice(found.index + found[0].length).split('\n')) {
    const [, start, limit, mode, offset, file] = MAPS_LINE.exec(line.trimEnd()) ?? [];
    if (!mode?.includes('x')) continue;
    mappings.push({
      start: BigInt(`0x${start}`),
      limit: BigInt(`0x${limit}`),
      offset: BigInt(`0x${offset}`),
      file: file ?? '',
      buildId: '',
      hasFunctions: false,
      hasFilenames: false,
      hasLineNumbers: false,
      hasInlineFrames: false,
    });
  }
  return mappings;
}
