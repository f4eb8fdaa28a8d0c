import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.ts';

/** What is collected before it is written, so that thousands of small chunks become few writes. */
const BUFFER_BYTES = 4 << 20;

/**
 * A file that is there whole or not at all: written as `<path>.part`, readable by its owner only, made durable, then
 * renamed. A file that is there already is replaced only at the end.
 */
export class SnapshotFile {
  /** Bytes taken so far. */
  bytes = 0;
  private chunks: Buffer[] = [];
  private pendingBytes = 0;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  static async create(path: string): Promise<SnapshotFile> {
    // A part that an interrupted run left behind may belong to nobody; with `wx` nothing is followed or shared.
    await rm(partOf(path), { force: true });
    return new SnapshotFile(path, await open(partOf(path), 'wx', 0o600));
  }

  /** Takes a piece of text; true when it is time to `flush`. */
  add(text: string): boolean {
    const chunk = Buffer.from(text, 'utf8');
    this.chunks.push(chunk);
    this.pendingBytes += chunk.length;
    this.bytes += chunk.length;
    return this.pendingBytes >= BUFFER_BYTES;
  }

  async flush(): Promise<void> {
    if (this.pendingBytes === 0) return;
    const all = Buffer.concat(this.chunks, this.pendingBytes);
    this.chunks = [];
    this.pendingBytes = 0;
    await this.handle.writeFile(all);
  }

  async finish(): Promise<void> {
    await this.flush();
    await this.handle.sync();
    await this.handle.close();
    await rename(partOf(this.path), this.path);
    await syncFolder(dirname(this.path));
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await rm(partOf(this.path), { force: true });
  }
}

function partOf(path: string): string {
  return `${path}.part`;
}
