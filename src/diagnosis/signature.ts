/**
 * A name for a bug that stays the same over dumps, hosts and releases: a hash of the runtime, the pattern and the
 * named references from the owner to the members. Ids, indexes, positions and folders above the package are left out.
 */
export function signatureOf(parts: readonly string[]): string {
  return fnv1a64(parts.join('\n'));
}

/** FNV-1a, 64 bits (Fowler, Noll, Vo; RFC draft-eastlake-fnv), as 16 hex digits. No secret hangs on it. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
