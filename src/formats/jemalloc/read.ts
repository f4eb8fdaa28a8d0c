import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import { readAll } from '../../base/read-all.ts';
import { NONE, type StackProfile } from '../../model/stack-profile.ts';
import { StackProfileBuilder } from '../../model/stack-profile-builder.ts';

/*
 * jemalloc's `heap_v2` text (http://jemalloc.net/jemalloc.3.html, `prof_dump`):
 *
 *   heap_v2/<mean bytes between two samples>
 *     t*: <live objects>: <live bytes> [<all objects>: <all bytes>]      totals, then one line a thread
 *   @ 0x<pc> 0x<pc> …                                                    a stack, innermost first
 *     t*: 13: 6688 [0: 0]                                                of all threads, as sampled
 *   MAPPED_LIBRARIES:
 *   <text of /proc/pid/maps>
 *
 * Sampled figures are scaled up as jemalloc's own tool does: a block of n bytes is sampled with the probability 1 − e^(−n/rate).
 */
const SAMPLE_TYPES = [
  { type: 'inuse_objects', unit: 'count' },
  { type: 'inuse_space', unit: 'bytes' },
];
const COUNTS = /^\s*t\*: (\d+): (\d+) \[(\d+): (\d+)\]$/;
const MAP = /^([\da-f]+)-([\da-f]+) (\S{4}) ([\da-f]+) \S+ \d+\s*(.*)$/i;

/**
 * Reads jemalloc's heap profile (`heap_v2` text) of any program. Addresses are told by library and offset: the file holds no symbols.
 *
 * @throws FormatError with the byte offset of the line that makes no sense
 */
export async function readJemalloc(source: ByteSource, options: LongCall = {}): Promise<StackProfile> {
  const text = new TextDecoder('latin1').decode(await readAll(source, options.signal));
  const end = text.search(/^MAPPED_LIBRARIES:/m);
  const rate = Number(/^heap_v2\/(\d+)/.exec(text)?.[1] ?? 0);
  if (rate <= 0) throw wrong(source.name, 0, 'heap_v2/ and the sampling rate', text.slice(0, 20));
  const builder = new StackProfileBuilder('native', 'jemalloc', source.name, SAMPLE_TYPES);
  const mappingOf = mappings(end < 0 ? '' : text.slice(end), builder);
  let stack: number[] | null = null;
  let offset = 0;
  for (const raw of text.slice(0, end < 0 ? undefined : end).split('\n')) {
    const line = raw.trimEnd();
    if (line.startsWith('@')) {
      stack = line
        .slice(1)
        .trim()
        .split(/\s+/)
        .filter(Boolean)
        .map((address) => {
          const pc = /^0x[\da-f]{1,16}$/i.test(address) ? BigInt(address) : null;
          if (pc === null) throw wrong(source.name, offset, 'addresses of a stack', line.slice(0, 40));
          const { name, mapping } = mappingOf(pc);
          return builder.location(builder.function(name, ''), 0, 0, pc, mapping);
        });
    } else if (stack && /^\s*t\*:/.test(line)) {
      const counts = COUNTS.exec(line);
      if (!counts) throw wrong(source.name, offset, 't*: objects: bytes [objects: bytes]', line.slice(0, 40));
      const [objects, bytes] = [Number(counts[1]), Number(counts[2])];
      if (objects > 0) {
        const scale = 1 / -Math.expm1(-(bytes / objects) / rate);
        builder.sample(builder.stack(stack), [Math.round(objects * scale), Math.round(bytes * scale)]);
      }
      stack = null;
    } else if (line !== '' && !/^\s*t\d+:|^\s*t\*:|^heap_v2\//.test(line)) {
      throw wrong(source.name, offset, 'a stack (@ …) or counts (t*: …)', line.slice(0, 40));
    }
    offset += raw.length + 1;
  }
  return builder.finish({ periodType: { type: 'space', unit: 'bytes' }, period: rate });
}

/** Names addresses by library and offset in it, which `addr2line` takes. */
function mappings(
  text: string,
  builder: StackProfileBuilder,
): (pc: bigint) => { name: string; mapping: number } {
  const known = text.split('\n').flatMap((line) => {
    const found = MAP.exec(line.trimEnd());
    if (found === null || !found[3]!.includes('x')) return [];
    const [start, limit, offset] = [1, 2, 4].map((at) => BigInt(`0x${found[at]!}`)) as [
      bigint,
      bigint,
      bigint,
    ];
    const file = found[5] ?? '';
    const mapping = builder.mapping({
      start,
      limit,
      offset,
      file,
      buildId: '',
      hasFunctions: false,
      hasFilenames: false,
      hasLineNumbers: false,
      hasInlineFrames: false,
    });
    return { start, limit, offset, file, mapping };
  });
  return (pc) => {
    const at = known.find(({ start, limit }) => pc >= start && pc < limit);
    if (!at) return { name: `0x${pc.toString(16)}`, mapping: NONE };
    const library = at.file.slice(at.file.lastIndexOf('/') + 1) || '(anonymous)';
    return { name: `${library}+0x${(pc - at.start + at.offset).toString(16)}`, mapping: at.mapping };
  };
}

function wrong(file: string, offset: number, expected: string, found: string): FormatError {
  return new FormatError({ file, offset, expected, found });
}
