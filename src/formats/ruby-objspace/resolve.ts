import { AddressIndex, NOWHERE } from './address-index.ts';
import type { DumpRecords } from './records.ts';

/** References as nodes instead of addresses. */
export interface Resolved {
  readonly index: AddressIndex;
  /** Target by reference, NOWHERE where the address is not in the dump. */
  readonly targets: Uint32Array;
  /** References that lead nowhere. */
  readonly dangling: number;
  /** Node by class number; NOWHERE where the class is not in the dump. */
  readonly classNodes: Uint32Array;
}

/** Looks all addresses up; the addresses of the references are freed as it goes. */
export function resolve(records: DumpRecords): Resolved {
  const index = new AddressIndex(records.address, records.count);
  const targets = new Uint32Array(records.references.length);
  let dangling = 0;
  records.references.drain((block, count, first) => {
    for (let at = 0; at < count; at++) {
      const target = index.find(block[at]!);
      if (target === NOWHERE) dangling++;
      targets[first + at] = target;
    }
  });
  const classNodes = Uint32Array.from(records.classAddresses.all(), (address) => index.find(address));
  return { index, targets, dangling, classNodes };
}
