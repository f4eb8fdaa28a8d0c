export type ReadBytes = (offset: number, length: number) => Uint8Array;

const PAGE_BYTES = 1 << 16;
const CACHED_PAGES = 64;

/** Small reads at random places of a file come in runs: pages save most of the system calls. */
export function pagedReader(readAt: ReadBytes): ReadBytes {
  const pages = new Map<number, Uint8Array>();
  return (offset, length) => {
    if (length === 0) return new Uint8Array(0);
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.floor((offset + length - 1) / PAGE_BYTES);
    const from = offset - first * PAGE_BYTES;
    if (first === last) return page(first).subarray(from, from + length);
    if (last > first + 1) return readAt(offset, length);
    const head = page(first).subarray(from);
    const tail = page(last).subarray(0, length - head.length);
    const joined = new Uint8Array(head.length + tail.length);
    joined.set(head);
    joined.set(tail, head.length);
    return joined;
  };

  function page(number: number): Uint8Array {
    let bytes = pages.get(number);
    if (!bytes) {
      if (pages.size >= CACHED_PAGES) pages.delete(pages.keys().next().value!);
      bytes = new Uint8Array(readAt(number * PAGE_BYTES, PAGE_BYTES));
      pages.set(number, bytes);
    }
    return bytes;
  }
}

/** One run of bytes of a source that cannot be read twice, in pages so that it grows without copying. */
export class KeptBytes {
  private readonly pages: Uint8Array[] = [];
  private start = 0;
  private length = 0;

  /** Adds bytes; `offset` is where they come from, and each call goes on where the last ended. */
  add(bytes: Uint8Array, offset: number): void {
    if (this.length === 0) this.start = offset;
    let from = 0;
    while (from < bytes.length) {
      const inPage = this.length % PAGE_BYTES;
      if (inPage === 0) this.pages.push(new Uint8Array(PAGE_BYTES));
      const part = bytes.subarray(from, from + PAGE_BYTES - inPage);
      this.pages[this.pages.length - 1]!.set(part, inPage);
      from += part.length;
      this.length += part.length;
    }
  }

  read(offset: number, length: number): Uint8Array {
    const at = offset - this.start;
    const end = Math.min(at + length, this.length);
    const first = Math.floor(at / PAGE_BYTES);
    const from = at - first * PAGE_BYTES;
    if (end - first * PAGE_BYTES <= PAGE_BYTES) return this.pages[first]!.subarray(from, from + end - at);
    const joined = new Uint8Array(end - at);
    for (let filled = 0, page = first; filled < joined.length; page++) {
      const start = page === first ? from : 0;
      const part = this.pages[page]!.subarray(start, start + joined.length - filled);
      joined.set(part, filled);
      filled += part.length;
    }
    return joined;
  }
}
