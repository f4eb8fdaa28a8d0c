/** What `zstd -d` takes without being asked: a frame may want no larger window of what was unpacked before. */
const MAX_WINDOW_BYTES = 2 ** 27;
const MAX_BLOCK_BYTES = 2 ** 17;
const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** A zstd stream is not what RFC 8878 says, or asks for too much memory. */
export class ZstdError extends Error {}

/**
 * Takes whole blocks: the first of a frame comes with the frame's header, the last with the checksum. The bytes are
 * the taker's own.
 */
export type OnZstdBlock = (bytes: Uint8Array, isFirst: boolean, isLast: boolean) => void;

type Part = 'magic' | 'skippable-size' | 'descriptor' | 'frame-header' | 'block-header' | 'block';

/**
 * Cuts a zstd stream into its blocks (RFC 8878, section 3.1) without unpacking anything: tells whether the stream
 * ends where a frame ends, and stops frames that would take more memory than any file of theirs is worth.
 */
export class ZstdBlocks {
  private part: Part = 'magic';
  private buffer: Uint8Array = new Uint8Array(1 << 10);
  private filled = 0;
  private wanted = MAGIC_BYTES;
  private skip = 0;
  private descriptor = 0;
  private isFirst = true;
  private isLast = false;

  constructor(private readonly onBlock: OnZstdBlock) {}

  /** The stream may end here: at its beginning, or behind a whole frame. */
  get complete(): boolean {
    return this.part === 'magic' && this.filled === 0 && this.skip === 0;
  }

  /** @throws ZstdError */
  feed(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.skip > 0) {
        const passed = Math.min(this.skip, chunk.length - at);
        this.skip -= passed;
        at += passed;
        continue;
      }
      const taken = chunk.subarray(at, at + this.wanted - this.filled);
      this.buffer.set(taken, this.filled);
      this.filled += taken.length;
      at += taken.length;
      while (this.filled === this.wanted) this.endPart();
    }
  }

  private endPart(): void {
    if (this.part === 'magic') this.endMagic();
    else if (this.part === 'skippable-size') this.endSkippableSize();
    else if (this.part === 'descriptor') this.endDescriptor();
    else if (this.part === 'frame-header') this.endFrameHeader();
    else if (this.part === 'block-header') this.endBlockHeader();
    else this.endBlock();
  }

  private await(part: Part, moreBytes: number): void {
    this.part = part;
    this.wanted = this.filled + moreBytes;
    if (this.wanted <= this.buffer.length) return;
    const grown = new Uint8Array(this.wanted * 2);
    grown.set(this.buffer);
    this.buffer = grown;
  }

  private endMagic(): void {
    const magic = this.number(0, MAGIC_BYTES);
    if (magic === FRAME_MAGIC) this.await('descriptor', 1);
    else if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) this.await('skippable-size', 4);
    else throw new ZstdError('no zstd frame where one has to begin');
  }

  private endSkippableSize(): void {
    this.skip = this.number(MAGIC_BYTES, 4);
    this.filled = 0;
    this.await('magic', MAGIC_BYTES);
  }

  private endDescriptor(): void {
    this.descriptor = this.buffer[this.filled - 1]!;
    const { window, dictionary, content } = this.headerBytes();
    this.await('frame-header', window + dictionary + content);
  }

  private endFrameHeader(): void {
    const { window, dictionary, content } = this.headerBytes();
    const start = this.filled - window - dictionary - content;
    // A frame in one segment names its content's size instead of a window.
    const bytes =
      window === 0
        ? this.number(start + dictionary, content)
        : 2 ** (10 + (this.buffer[start]! >>> 3)) * (1 + (this.buffer[start]! & 7) / 8);
    if (bytes > MAX_WINDOW_BYTES)
      throw new ZstdError(`a frame that takes ${bytes} bytes of memory to unpack`);
    this.await('block-header', BLOCK_HEADER_BYTES);
  }

  private endBlockHeader(): void {
    const header = this.number(this.filled - BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES);
    const type = (header >>> 1) & 3;
    const size = header >>> 3;
    if (type === RESERVED_BLOCK || size > MAX_BLOCK_BYTES) throw new ZstdError('a block of no known kind');
    this.isLast = (header & 1) === 1;
    const checksum = this.isLast && ((this.descriptor >>> 2) & 1) === 1 ? CHECKSUM_BYTES : 0;
    this.await('block', (type === RLE_BLOCK ? 1 : size) + checksum);
  }

  private endBlock(): void {
    const bytes = this.buffer.slice(0, this.filled);
    const { isFirst, isLast } = this;
    this.filled = 0;
    this.isFirst = isLast;
    if (isLast) this.await('magic', MAGIC_BYTES);
    else this.await('block-header', BLOCK_HEADER_BYTES);
    this.onBlock(bytes, isFirst, isLast);
  }

  private headerBytes(): { window: number; dictionary: number; content: number } {
    const window = (this.descriptor >>> 5) & 1 ? 0 : 1;
    return {
      window,
      dictionary: [0, 1, 2, 4][this.descriptor & 3]!,
      content: [window === 0 ? 1 : 0, 2, 4, 8][this.descriptor >>> 6]!,
    };
  }

  /** Little-endian. */
  private number(from: number, bytes: number): number {
    let value = 0;
    for (let at = from + bytes - 1; at >= from; at--) value = value * 256 + this.buffer[at]!;
    return value;
  }
}
