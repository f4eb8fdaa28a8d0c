import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import { breathe, type LongCall } from '../../base/progress.ts';
import { MAGIC } from './detect.ts';

/** One block of the stream: a letter, and bytes of its own (aligned, so that columns can be viewed in place). */
export interface Block {
  readonly kind: string;
  /** Where the payload begins in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const VERSION = 1;
const BLOCK_HEAD_BYTES = 8;
const FIRST_BUFFER_BYTES = 1 << 20;
const KINDS = 'HTLCOESXZ';
const CUT_HINT =
  'the dump was cut while it was written or copied (a finished one has no ".part" in its name); --partial uses what is there';
const DAMAGED_HINT =
  'the file is damaged, or was not written by the Stanch agent for Python; take the dump again';

/** What is wrong at a place of the file. */
export function invalid(file: string, offset: number, expected: string, found?: string): FormatError {
  return new FormatError({
    file,
    offset,
    expected,
    hint: DAMAGED_HINT,
    ...(found === undefined ? {} : { found }),
  });
}

/**
 * Cuts the stream into blocks. Only what has really come is kept, so that a length that lies costs no memory.
 *
 * @throws FormatError with the byte offset
 */
export async function eachBlock(
  source: ByteSource,
  options: LongCall,
  take: (block: Block) => void,
): Promise<void> {
  const { signal, onProgress } = options;
  const cutter = new Cutter(source.name, take);
  let read = 0;
  let reported = 0;
  for await (const chunk of source.chunks()) {
    signal?.throwIfAborted();
    cutter.feed(chunk);
    read += chunk.length;
    if (read - reported >= 1 << 24) {
      reported = read;
      onProgress?.('read', read, source.sizeBytes ?? 0);
      await breathe(signal);
    }
  }
  onProgress?.('read', read, source.sizeBytes ?? read);
  cutter.end();
}

class Cutter {
  private offset = 0;
  private readonly file: string;
  private readonly take: (block: Block) => void;
  private readonly head: number[] = [];
  private started = false;
  private kind = '';
  private length = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private filled = -1;
  private last = '';

  constructor(file: string, take: (block: Block) => void) {
    this.file = file;
    this.take = take;
  }

  feed(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.filled < 0) {
        this.head.push(chunk[at++]!);
        this.offset++;
        if (!this.started) this.takeMagic();
        else if (this.head.length === BLOCK_HEAD_BYTES) this.open();
      } else {
        const part = Math.min(chunk.length - at, this.length - this.filled);
        this.grow(this.filled + part);
        this.bytes.set(chunk.subarray(at, at + part), this.filled);
        this.filled += part;
        this.offset += part;
        at += part;
      }
      if (this.filled === this.length) this.close();
    }
  }

  end(): void {
    if (this.started && this.filled < 0 && this.head.length === 0 && this.last === 'Z') return;
    throw new FormatError({
      file: this.file,
      offset: this.offset,
      expected: !this.started
        ? 'the first line of a dump of the Python agent'
        : this.filled >= 0
          ? `${this.length - this.filled} more bytes of block ${this.kind}`
          : 'more blocks up to the closing one',
      found: 'the end of the file',
      hint: CUT_HINT,
      truncated: true,
    });
  }

  private takeMagic(): void {
    const { head } = this;
    const at = head.length - 1;
    if (at < MAGIC.length) {
      if (head[at] !== MAGIC.charCodeAt(at))
        throw invalid(this.file, this.offset - 1, `"${MAGIC}" at the start of the file`);
      return;
    }
    if (head[at] !== 0x0a) {
      if (head[at]! >= 0x30 && head[at]! <= 0x39 && at < MAGIC.length + 4) return;
      throw invalid(this.file, this.offset - 1, 'the version of the stream');
    }
    const version = Number(String.fromCharCode(...head.slice(MAGIC.length, at)));
    if (version !== VERSION) {
      throw new FormatError({
        file: this.file,
        offset: MAGIC.length,
        expected: `version ${VERSION} of the stream`,
        found: `version ${version}`,
        hint: 'use a Stanch that is as new as the agent',
      });
    }
    this.started = true;
    head.length = 0;
  }

  private open(): void {
    const { head } = this;
    const at = this.offset - BLOCK_HEAD_BYTES;
    this.kind = String.fromCharCode(head[0]!);
    if (!KINDS.includes(this.kind) || head[1] !== 0 || head[2] !== 0 || head[3] !== 0)
      throw invalid(this.file, at, 'the start of a block');
    if (this.last === 'Z') throw invalid(this.file, at, 'nothing behind the closing block');
    if (this.last === '' && this.kind !== 'H') throw invalid(this.file, at, 'the header block first');
    this.length = head[4]! + head[5]! * 2 ** 8 + head[6]! * 2 ** 16 + head[7]! * 2 ** 24;
    this.filled = 0;
    this.bytes = new Uint8Array(Math.min(this.length, FIRST_BUFFER_BYTES));
    head.length = 0;
  }

  private grow(needed: number): void {
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.min(this.length, Math.max(needed, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.filled));
    this.bytes = grown;
  }

  private close(): void {
    const { kind, length, bytes } = this;
    this.filled = -1;
    this.last = kind;
    this.take({ kind, offset: this.offset - length, bytes });
  }
}
