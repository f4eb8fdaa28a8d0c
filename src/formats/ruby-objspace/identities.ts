import { addressId } from '../../model/heap-graph.ts';
import type { AddressIndex } from './address-index.ts';
import type { DumpRecords } from './records.ts';
import { TYPE } from './words.ts';

/** Roots have no address; these small ones stand for them, the same in all dumps. */
const ROOT_NUMBERS = [
  'vm',
  'machine_context',
  'global_list',
  'global_tbl',
  'finalizers',
  'end_proc',
  'objspace',
  'global_symbols',
  'global_id',
  'obj_info',
];
const OTHER_ROOTS = 64;
const MAX_ADDRESS = 2 ** 47;
/** Strings up to here are mostly keys and names, which do not change. */
const MAX_FIXED_BYTES = 128;

/**
 * Ids from addresses; takes the place of the addresses. The fingerprint is a hash of type, class name, and what else does not
 * change in an object's life: of short strings size and first bytes, in traced dumps the count of collections at its birth.
 *
 * @param added nodes of the names file: globals, threads
 */
export function makeIds(
  records: DumpRecords,
  { duplicates }: AddressIndex,
  added: readonly number[],
  classHashOf: (node: number) => number,
): Float64Array {
  const { count, type, print, detail, memsize } = records;
  const ids = records.address;
  for (let index = 0; index < duplicates.length; index++) ids[duplicates[index]!] = MAX_ADDRESS + 8 * index;
  let others = OTHER_ROOTS;
  const used = new Set<number>();
  for (let node = 0; node < count; node++) {
    if (node === 0) {
      ids[node] = 0;
    } else if (added.includes(node)) {
      ids[node] = addressId(8 * (OTHER_ROOTS - 1 - added.indexOf(node)), 0);
    } else if (type[node] === TYPE.ROOT) {
      let number = ROOT_NUMBERS.indexOf(records.words.texts[detail[node]!] ?? '') + 1;
      if (number === 0 || used.has(number)) number = others++;
      used.add(number);
      ids[node] = addressId(8 * number, 0);
    } else {
      // A longer text may be added to in place, and is the same object then.
      const own = type[node] === TYPE.STRING && memsize[node]! > MAX_FIXED_BYTES ? 0 : print[node]!;
      ids[node] = addressId(ids[node]!, own ^ Math.imul(type[node]!, 37) ^ classHashOf(node));
    }
  }
  return ids.length === count ? ids : ids.subarray(0, count);
}

/** 8 bits of a text (FNV-1a). */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & 0xff;
}
