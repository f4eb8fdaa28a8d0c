import type { HeapGraph } from '../../model/heap-graph.ts';

/** Tests string indexes against one text; each index is decoded once. */
export function nameTest(strings: HeapGraph['strings'], wanted: string): (index: number) => boolean {
  const known = new Map<number, boolean>();
  return (index) => {
    let equal = known.get(index);
    if (equal === undefined) {
      equal = strings.head(index, wanted.length + 1) === wanted;
      known.set(index, equal);
    }
    return equal;
  };
}
