/** What `zstd -d` takes without being asked: a frame may want no larger window of what was unpacked before. */
const MAX_WINDOW_BYTES = 2 ** 27;
const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const CHECKSUM_BYTES = 4;
const RESERVED_BLOCK = 3;
const RLE_BLOCK = 1;

type Part = 'magic' | 'skippable-size' | 'descriptor' | 'header' | 'block';

/** A zstd stream is not what RFC 8878 says. */
export class ZstdError extends Error {}

/**
 * Follows the frames and blocks of a zstd stream (RFC 8878, section 3.1) without unpacking anything: tells whether
 * it ends where a frame ends, and stops frames that would take more memory than any file of theirs is worth.
 */
export class ZstdFrames {
  private part: Part = 'magic';
  private readonly pending: number[] = [];
  private wanted = 4;
  private skip = 0;
  private descriptor = 0;

  /** The stream may end here: at its beginning, or behind a whole frame. */
  get complete(): boolean {
    return this.part === 'magic' && this.pending.length === 0 && this.skip === 0;
  }

  /** @throws ZstdError */
  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.skip > 0) {
        const passed = Math.min(this.skip, chunk.length - at);
        this.skip -= passed;
        at += passed;
        continue;
      }
      this.pending.push(chunk[at++]!);
      if (this.pending.length === this.wanted) this.endPart();
    }
  }

  private endPart(): void {
    const bytes = this.pending.splice(0);
    switch (this.part) {
      case 'magic':
        return this.endMagic(littleEndian(bytes));
      case 'skippable-size':
        this.skip = littleEndian(bytes);
        return this.expect('magic', 4);
      case 'descriptor':
        return this.endDescriptor(bytes[0]!);
      case 'header':
        return this.endHeader(bytes);
      case 'block':
        return this.endBlockHeader(littleEndian(bytes));
    }
  }

  private expect(part: Part, bytes: number): void {
    this.part = part;
    this.wanted = bytes;
  }

  private endMagic(magic: number): void {
    if (magic === FRAME_MAGIC) this.expect('descriptor', 1);
    else if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) this.expect('skippable-size', 4);
    else throw new ZstdError('no zstd frame where one has to begin');
  }

  private endDescriptor(descriptor: number): void {
    this.descriptor = descriptor;
    const length = windowBytes(descriptor) + dictionaryBytes(descriptor) + contentBytes(descriptor);
    if (length === 0) this.expect('block', 3);
    else this.expect('header', length);
  }

  private endHeader(bytes: readonly number[]): void {
    const window =
      windowBytes(this.descriptor) === 1
        ? 2 ** (10 + (bytes[0]! >>> 3)) * (1 + (bytes[0]! & 7) / 8)
        : littleEndian(bytes.slice(dictionaryBytes(this.descriptor)));
    if (window > MAX_WINDOW_BYTES) {
      throw new ZstdError(`a frame that takes ${window} bytes of memory to unpack`);
    }
    this.expect('block', 3);
  }

  private endBlockHeader(header: number): void {
    const type = (header >>> 1) & 3;
    if (type === RESERVED_BLOCK) throw new ZstdError('a block of a reserved type');
    this.skip = type === RLE_BLOCK ? 1 : header >>> 3;
    if ((header & 1) === 0) return this.expect('block', 3);
    if (((this.descriptor >>> 2) & 1) === 1) this.skip += CHECKSUM_BYTES;
    this.expect('magic', 4);
  }
}

/** A frame in one segment names its content's size instead of a window. */
function windowBytes(descriptor: number): number {
  return (descriptor >>> 5) & 1 ? 0 : 1;
}

function dictionaryBytes(descriptor: number): number {
  return [0, 1, 2, 4][descriptor & 3]!;
}

function contentBytes(descriptor: number): number {
  return [windowBytes(descriptor) === 0 ? 1 : 0, 2, 4, 8][descriptor >>> 6]!;
}

function littleEndian(bytes: readonly number[]): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
