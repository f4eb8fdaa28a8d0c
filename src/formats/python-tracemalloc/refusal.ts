import { FormatError } from '../../base/errors.ts';
import { describeOpcode, namesGlobalInText } from './opcodes.ts';

/** The only classes that are known. They are names here, nothing is ever imported or made. */
export const GLOBALS: readonly string[] = ['tracemalloc.Snapshot', 'tracemalloc._Traces'];

const HINT = 'nothing of the file was executed; Stanch reads only what tracemalloc.Snapshot.dump() writes';
const MAX_SHOWN_NAME = 100;

/** The file is not what `tracemalloc` writes: what should be there, what is, and at which byte. */
export function refusal(file: string, offset: number, expected: string, found?: string): FormatError {
  return new FormatError({ file, offset, expected, ...(found === undefined ? {} : { found }), hint: HINT });
}

/** An opcode that is not carried out; with the class or function that it names, if it does. */
export function opcodeRefusal(
  file: string,
  offset: number,
  following: Uint8Array,
  first: boolean,
): FormatError {
  const op = following[0]!;
  if (namesGlobalInText(op)) {
    const lines = new TextDecoder('latin1').decode(following.subarray(1, 1 + 2 * MAX_SHOWN_NAME)).split('\n');
    return globalRefusal(file, offset, `${lines[0] ?? ''}.${lines[1] ?? ''}`, op);
  }
  const expected = first
    ? 'PROTO, with which a pickle of tracemalloc begins'
    : 'an opcode that a tracemalloc snapshot is made of';
  return refusal(file, offset, expected, describeOpcode(op));
}

export function globalRefusal(file: string, offset: number, name: string, op: number): FormatError {
  return refusal(
    file,
    offset,
    GLOBALS.join(' or '),
    `the global ${printable(name)} of ${describeOpcode(op)}`,
  );
}

/** The name comes from the file: nothing that moves a cursor may reach a terminal. */
function printable(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/g, '?');
  return plain.length <= MAX_SHOWN_NAME ? plain : `${plain.slice(0, MAX_SHOWN_NAME)}…`;
}
