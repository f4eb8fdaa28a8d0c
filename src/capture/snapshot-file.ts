import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createGzip, type Gzip } from 'node:zlib';
import { syncFolder } from './sync-folder.ts';

/** What is collected before it is written, so that thousands of small chunks become few writes. */
const BUFFER_BYTES = 4 << 20;
/** Measured on snapshots: level 1 leaves a sixth for 8 CPU seconds a GB; level 6 takes twice that for a tenth less. */
export const GZIP_LEVEL = 1;
const GZIP_CHUNK_BYTES = 256 << 10;

/**
 * A file that is there whole or not at all: written as `<path>.part`, readable by its owner only, made durable, then
 * renamed. A file that is there already is replaced only at the end. One whose name ends in `.gz` is packed on the way.
 */
export class SnapshotFile {
  /** Bytes taken so far, before packing. */
  bytes = 0;
  /** Bytes written so far. */
  storedBytes = 0;
  private chunks: Buffer[] = [];
  private pendingBytes = 0;
  private readonly hash = createHash('sha256');
  private readonly gzip: Gzip | null;
  /** Ends when all that was packed is written. */
  private readonly packed: Promise<void>;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {
    this.gzip = path.endsWith('.gz') ? createGzip({ level: GZIP_LEVEL, chunkSize: GZIP_CHUNK_BYTES }) : null;
    this.packed = this.gzip ? this.pump(this.gzip) : Promise.resolve();
    // Whoever flushes or finishes is told; until then nobody listens.
    this.packed.catch(() => undefined);
  }

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
    const { gzip } = this;
    if (!gzip) return this.store(all);
    try {
      await new Promise<void>((resolve, reject) => {
        gzip.write(all, (error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      // A packer that was stopped says only that; why, the writer knows.
      await this.packed;
      throw error;
    }
  }

  /** @returns the SHA-256 of the file as it is stored, in hexadecimal */
  async finish(): Promise<string> {
    await this.flush();
    this.gzip?.end();
    await this.packed;
    await this.handle.sync();
    await this.handle.close();
    await rename(partOf(this.path), this.path);
    await syncFolder(dirname(this.path));
    return this.hash.digest('hex');
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    this.gzip?.destroy();
    await this.packed.catch(() => undefined);
    await this.handle.close().catch(() => undefined);
    await rm(partOf(this.path), { force: true });
  }

  private async pump(gzip: Gzip): Promise<void> {
    try {
      for await (const chunk of gzip) await this.store(chunk as Buffer);
    } catch (error) {
      // What waits for the packer must hear that the disk is full.
      gzip.destroy(error as Error);
      throw error;
    }
  }

  private async store(chunk: Buffer): Promise<void> {
    this.hash.update(chunk);
    this.storedBytes += chunk.length;
    await this.handle.writeFile(chunk);
  }
}

function partOf(path: string): string {
  return `${path}.part`;
}
