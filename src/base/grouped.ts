/** The members of each group, groups in order of their first member (`Map.groupBy` came with Node.js 21). */
export function grouped<T>(all: Iterable<T>, keyOf: (each: T) => unknown): T[][] {
  const groups = new Map<unknown, T[]>();
  for (const each of all) {
    const key = keyOf(each);
    const held = groups.get(key);
    if (held) held.push(each);
    else groups.set(key, [each]);
  }
  return [...groups.values()];
}
