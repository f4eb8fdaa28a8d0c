/**
 * Opcodes of Python's pickle, protocols 0 to 5 (CPython `Lib/pickletools.py`), by byte. Only those in `unpickler.ts` are
 * carried out; the others have a name so that a refusal can say what was found.
 */
export const OP = {
  PROTO: 0x80,
  FRAME: 0x95,
  STOP: 0x2e,
  MARK: 0x28,
  NONE: 0x4e,
  BININT: 0x4a,
  BININT1: 0x4b,
  BININT2: 0x4d,
  LONG1: 0x8a,
  SHORT_BINUNICODE: 0x8c,
  BINUNICODE: 0x58,
  EMPTY_TUPLE: 0x29,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  TUPLE: 0x74,
  EMPTY_LIST: 0x5d,
  APPEND: 0x61,
  APPENDS: 0x65,
  EMPTY_DICT: 0x7d,
  SETITEM: 0x73,
  SETITEMS: 0x75,
  MEMOIZE: 0x94,
  BINGET: 0x68,
  LONG_BINGET: 0x6a,
  STACK_GLOBAL: 0x93,
  NEWOBJ: 0x81,
  BUILD: 0x62,
} as const;

/** Opcodes that no snapshot has. Those that make or call something stand first. */
const REFUSED: Readonly<Record<number, string>> = {
  99: 'GLOBAL',
  82: 'REDUCE',
  105: 'INST',
  111: 'OBJ',
  146: 'NEWOBJ_EX',
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
  80: 'PERSID',
  81: 'BINPERSID',
  151: 'NEXT_BUFFER',
  152: 'READONLY_BUFFER',
  48: 'POP',
  49: 'POP_MARK',
  50: 'DUP',
  70: 'FLOAT',
  71: 'BINFLOAT',
  73: 'INT',
  76: 'LONG',
  139: 'LONG4',
  83: 'STRING',
  84: 'BINSTRING',
  85: 'SHORT_BINSTRING',
  86: 'UNICODE',
  141: 'BINUNICODE8',
  66: 'BINBYTES',
  67: 'SHORT_BINBYTES',
  142: 'BINBYTES8',
  150: 'BYTEARRAY8',
  108: 'LIST',
  100: 'DICT',
  103: 'GET',
  112: 'PUT',
  113: 'BINPUT',
  114: 'LONG_BINPUT',
  136: 'NEWTRUE',
  137: 'NEWFALSE',
  143: 'EMPTY_SET',
  144: 'ADDITEMS',
  145: 'FROZENSET',
};

const NAMES = new Map<number, string>([
  ...Object.entries(REFUSED).map(([byte, name]): [number, string] => [Number(byte), name]),
  ...Object.entries(OP).map(([name, byte]): [number, string] => [byte, name]),
]);

/** `opcode REDUCE (0x52)`; a byte that is no opcode is named as such. */
export function describeOpcode(byte: number): string {
  const hex = `0x${byte.toString(16).padStart(2, '0')}`;
  const name = NAMES.get(byte);
  return name === undefined ? `the byte ${hex}, which is no opcode` : `opcode ${name} (${hex})`;
}

/** These two are followed by a module and a name as two lines of text. */
export function namesGlobalInText(byte: number): boolean {
  return byte === 99 || byte === 105;
}
