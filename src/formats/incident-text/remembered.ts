/** As many answers in each half: the sentences of a text of some megabytes, a few tens of megabytes of memory. */
const HALF = 60_000;

/**
 * A pure function of a text that gives what it gave before: dozens of checks ask the same of the same sentence. The answers of the last
 * 60,000 texts are kept, and at most as many before them; they are frozen, since all callers share them.
 */
export function remembered<T>(read: (text: string) => T[]): (text: string) => readonly T[] {
  let young = new Map<string, readonly T[]>();
  let old = new Map<string, readonly T[]>();
  return (text) => {
    let answer = young.get(text);
    if (answer !== undefined) return answer;
    answer = old.get(text) ?? Object.freeze(read(text));
    if (young.size >= HALF) {
      old = young;
      young = new Map();
    }
    young.set(text, answer);
    return answer;
  };
}
