/** Numbers different short texts (paths, method names, struct names) from 1 up by their bytes; each becomes text once. */
export class ByteTexts {
  readonly texts: string[] = [''];
  private readonly bytes: Uint8Array[] = [new Uint8Array(0)];
  private readonly buckets: Map<number, number[]> = new Map();
  private last = 0;

  /** @param from …to - 1: what stands between the quotes of a JSON string */
  numberOf(line: Uint8Array, from: number, to: number): number {
    if (this.isSame(this.last, line, from, to)) return this.last;
    let hash = to - from;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ line[at]!, 0x01000193);
    let bucket = this.buckets.get(hash);
    if (!bucket) {
      bucket = [];
      this.buckets.set(hash, bucket);
    }
    for (const number of bucket) {
      if (!this.isSame(number, line, from, to)) continue;
      this.last = number;
      return number;
    }
    this.last = this.texts.length;
    bucket.push(this.last);
    // `slice` of a Node Buffer would be no copy.
    this.bytes.push(new Uint8Array(line.subarray(from, to)));
    this.texts.push(decoded(this.bytes[this.last]!));
    return this.last;
  }

  private isSame(number: number, line: Uint8Array, from: number, to: number): boolean {
    const known = this.bytes[number]!;
    if (known.length !== to - from) return false;
    for (let at = known.length - 1; at >= 0; at--) if (known[at] !== line[from + at]) return false;
    return true;
  }
}

const BACKSLASH = 0x5c;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Text of the inside of a JSON string; what is no sound JSON stays as it is written. */
export function decoded(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (!bytes.includes(BACKSLASH)) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
