/** What a process does with a signal, as `/proc/<pid>/status` tells: a default action ends most processes. */
export type SignalAction = 'handled' | 'ignored' | 'default' | 'unknown';

/** Numbers of the signals that captures use, on Linux for x86 and ARM. */
export const SIGNAL_NUMBER = { USR1: 10, USR2: 12, CONT: 18, URG: 23, WINCH: 28 } as const;

/** Reads the masks `SigCgt` and `SigIgn` (64 bits, hexadecimal). */
export function signalAction(status: string, number: number): SignalAction {
  const caught = mask(status, 'SigCgt');
  const ignored = mask(status, 'SigIgn');
  if (caught === null || ignored === null) return 'unknown';
  const bit = 1n << BigInt(number - 1);
  if ((caught & bit) !== 0n) return 'handled';
  return (ignored & bit) !== 0n ? 'ignored' : 'default';
}

function mask(status: string, name: string): bigint | null {
  const digits = new RegExp(`^${name}:\\s+([0-9a-f]+)$`, 'm').exec(status)?.[1];
  return digits === undefined ? null : BigInt(`0x${digits}`);
}
