const CERTAIN = 1;
/** Some other pickle: `read` then says which class or opcode it refuses, which is a better answer than "unknown file". */
const OTHER_PICKLE = 0.3;
const OTHER_TEXT_PICKLE = 0.1;

const PROTO = 0x80;
const FRAME = 0x95;
const FRAME_BYTES = 9;
const NEWEST_PROTOCOL = 5;
/** The names of the module and the class as short texts, each put into the memo. */
const OPENING = [0x8c, 11, 'tracemalloc', 0x94, 0x8c, 8, 'Snapshot', 0x94].flatMap((part) =>
  typeof part === 'string' ? [...new TextEncoder().encode(part)] : [part],
);

/**
 * How sure the first 4 KB are a pickle of `tracemalloc.Snapshot.dump`, from 0 to 1. Never throws. Such a pickle begins
 * with PROTO, FRAME and the names of the module and the class.
 */
export function detectTracemalloc(head: Uint8Array): number {
  if (head[0] !== PROTO) {
    const text = new TextDecoder('latin1').decode(head.subarray(0, 256));
    return /^c[\w.]+\n[\w.]+\n[(ItS)]/.test(text) ? OTHER_TEXT_PICKLE : 0;
  }
  const protocol = head[1] ?? 0;
  if (head.length < 3 || protocol < 2 || protocol > NEWEST_PROTOCOL) return 0;
  const from = head[2] === FRAME ? 2 + FRAME_BYTES : 2;
  return OPENING.every((byte, at) => head[from + at] === byte) ? CERTAIN : OTHER_PICKLE;
}
