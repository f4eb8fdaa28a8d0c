import { type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ByteSource, readHead } from '../base/byte-source.ts';
import { EXIT, StanchError } from '../base/errors.ts';
import type { LongCall } from '../base/progress.ts';
import type { EvidenceFormat, HeapFormat } from '../formats/format.ts';
import { detectFormat, FORMATS, HEAD_BYTES } from '../formats/index.ts';
import type { HeapGraph } from '../model/heap-graph.ts';
import { openCompanion } from './companion.ts';
import {
  type Evidence,
  type EvidenceDump,
  type EvidenceProfile,
  labelOf,
  type UnreadableEvidence,
} from './evidence.ts';
import { openFile } from './file.ts';
import { haveFolderEach, inMoments } from './moments.ts';
import { naturalOrder, saysOrder, timeInName } from './natural-order.ts';
import { unknownFormat } from './open-heap.ts';
import { peek, streamingSource } from './stream.ts';

/** How evidence is sorted out. */
export interface FindEvidenceOptions {
  /** What `-` stands for; `process.stdin` when absent. */
  stdin?: AsyncIterable<Uint8Array> | undefined;
  /** Use the readable part of truncated or damaged files. */
  partial?: boolean | undefined;
  /** Keep the order in which the files were given. */
  asGiven?: boolean | undefined;
}

const MAX_DEPTH = 4;
const MAX_FILES = 10_000;
const SKIPPED = new Set(['node_modules', '.git']);

/**
 * Sorts out any mix of files, folders and `-` (standard input): what each one is, told by its content, and in which
 * order of time. Files of a folder that are no dumps are passed over; files that were named are not.
 *
 * @throws StanchError `no-evidence` (exit code 3) when nothing is left
 * @example
 * import { findEvidence } from 'stanch';
 *
 * const { dumps, unreadable } = await findEvidence(['C.heapsnapshot', 'A.heapsnapshot', 'B.heapsnapshot']);
 * for (const { label, file, sizeBytes } of dumps) process.stdout.write(`${label} ${file} ${sizeBytes}\n`);
 * for (const { file, reason } of unreadable) process.stderr.write(`${file}: ${reason}\n`);
 */
export async function findEvidence(
  paths: readonly string[],
  options: FindEvidenceOptions = {},
): Promise<Evidence> {
  const found: Found[] = [];
  const unreadable: UnreadableEvidence[] = [];
  for (const path of paths) {
    try {
      if (path === '-') found.push(await fromStream(options));
      else if (isFolder(path)) found.push(...(await inFolder(path, options)));
      else found.push(await fromFile(path, options));
    } catch (error) {
      if (!(error instanceof StanchError)) throw error;
      unreadable.push({ file: path, reason: reasonOf(error, path) });
    }
  }
  if (found.length === 0) throw nothingLeft(paths, unreadable);
  const { sorted, notes } = options.asGiven ? { sorted: found, notes: [] } : inTime(found);
  const dumps = dumpsOf(sorted);
  const profiles = profilesOf(sorted);
  return {
    dumps: dumps.map((dump, at) => ({ ...dump, label: labelOf(at) })),
    profiles: inMoments(profiles),
    unreadable,
    notes: dumps.length === 0 && haveFolderEach(profiles) ? [] : notes,
  };
}

type Item =
  | { readonly kind: 'dump'; readonly dump: EvidenceDump }
  | { readonly kind: 'profile'; readonly dump: EvidenceProfile };

type Found = Item & { readonly modifiedMs: number | null };

function dumpsOf(found: readonly Found[]): EvidenceDump[] {
  return found.flatMap((item) => (item.kind === 'dump' ? [item.dump] : []));
}

function profilesOf(found: readonly Found[]): EvidenceProfile[] {
  return found.flatMap((item) => (item.kind === 'profile' ? [item.dump] : []));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

async function fromStream(options: FindEvidenceOptions): Promise<Found> {
  const stream = streamingSource(options.stdin ?? process.stdin, '<stdin>');
  const { head, source } = await peek(stream, HEAD_BYTES);
  return { ...itemOf(source, head, options, once(source)), modifiedMs: null };
}

async function fromFile(path: string, options: FindEvidenceOptions): Promise<Found> {
  const source = openFile(path);
  const modifiedMs = statSync(path).mtimeMs;
  // A pipe gives its bytes once, to the head and the reader alike.
  if (statSync(path).isFIFO()) {
    const { head, source: whole } = await peek(source, HEAD_BYTES);
    return { ...itemOf(whole, head, options, once(whole)), modifiedMs: null };
  }
  const head = await readHead(source, HEAD_BYTES);
  source.close?.();
  return { ...itemOf(source, head, options, () => openFile(path)), modifiedMs };
}

function once(source: ByteSource): () => ByteSource {
  return () => source;
}

function itemOf(
  source: ByteSource,
  head: Uint8Array,
  options: FindEvidenceOptions,
  open: () => ByteSource,
): Item {
  const format = detectFormat(head, source.name);
  if (!format) throw unknownFormat(source.name, head.length);
  const file = {
    label: '',
    file: source.name,
    format: format.id,
    sizeBytes: source.sizeBytes,
    at: timeInName(basename(source.name)),
  };
  return format.kind === 'heap-graph'
    ? { kind: 'dump', dump: { ...file, load: loader(format, open, options.partial ?? false) } }
    : { kind: 'profile', dump: { ...file, load: profileLoader(format, open) } };
}

function profileLoader(
  format: Exclude<EvidenceFormat, HeapFormat>,
  open: () => ByteSource,
): EvidenceProfile['load'] {
  return async (options) => {
    const source = open();
    try {
      return format.kind === 'stack-profile'
        ? { kind: 'stack-profile', profile: await format.read(source, options) }
        : { kind: 'goroutines', dumps: await format.read(source, options) };
    } finally {
      source.close?.();
    }
  };
}

/** A dump from a pipe is kept, since it cannot be read again. */
function loader(
  format: HeapFormat,
  open: () => ByteSource,
  partial: boolean,
): (options: LongCall) => Promise<HeapGraph> {
  let kept: Promise<HeapGraph> | null = null;
  return (options) => {
    if (kept) return kept;
    const source = open();
    const companion = openCompanion(format, source.name);
    const graph = format.read(source, { ...options, partial, companion }).finally(() => companion?.close?.());
    if (!source.readAt && !source.close) kept = graph;
    return graph;
  };
}

async function inFolder(folder: string, options: FindEvidenceOptions): Promise<Found[]> {
  const found: Found[] = [];
  for (const path of filesBelow(folder)) {
    try {
      found.push(await fromFile(path, options));
    } catch (error) {
      if (!(error instanceof StanchError)) throw error;
    }
  }
  if (found.length > 0) return found;
  throw new StanchError(`${folder}: no heap dump and no profile in this folder`, {
    code: 'no-evidence',
    exitCode: EXIT.unreadable,
  });
}

function filesBelow(folder: string): string[] {
  const files: string[] = [];
  const waiting = [{ path: folder, depth: 0 }];
  for (let next = waiting.shift(); next && files.length < MAX_FILES; next = waiting.shift()) {
    for (const entry of entriesOf(next.path)) {
      const path = join(next.path, entry.name);
      if (entry.isDirectory()) {
        if (next.depth < MAX_DEPTH && !SKIPPED.has(entry.name)) waiting.push({ path, depth: next.depth + 1 });
      } else if (entry.isFile() && !entry.name.endsWith('.part')) {
        files.push(path);
      }
    }
  }
  return files;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** By names when these say an order, else by the times at which the files were last written. */
function inTime(found: readonly Found[]): { sorted: Found[]; notes: string[] } {
  const nameOf = ({ dump }: Found): string => dump.file;
  const byName = (a: Found, b: Found): number => naturalOrder(nameOf(a), nameOf(b));
  const times = found.map(({ modifiedMs }) => modifiedMs);
  const named = saysOrder(found.map(nameOf)) || saysOrder(found.map((item) => basename(nameOf(item))));
  if (found.length < 2 || named) return { sorted: found.toSorted(byName), notes: [] };
  if (times.includes(null) || new Set(times).size < times.length) {
    return { sorted: [...found], notes: ['the names say no order of time: taken in the order given'] };
  }
  return {
    sorted: found.toSorted((a, b) => a.modifiedMs! - b.modifiedMs!),
    notes: ['the names say no order of time: ordered by when the files were written'],
  };
}

function reasonOf(error: StanchError, path: string): string {
  return error.message.startsWith(`${path}: `) ? error.message.slice(path.length + 2) : error.message;
}

function nothingLeft(paths: readonly string[], unreadable: readonly UnreadableEvidence[]): StanchError {
  const [only] = unreadable;
  const text =
    unreadable.length === 1 && only
      ? `${only.file}: ${only.reason}`
      : `none of the ${paths.length} pieces of evidence can be used:\n${unreadable.map(({ file, reason }) => `  ${file}: ${reason}`).join('\n')}`;
  return new StanchError(text, {
    code: 'no-evidence',
    exitCode: EXIT.unreadable,
    hint: `check the paths; Stanch reads ${FORMATS.map(({ title }) => title).join(', ')}, plain or packed with gzip or zstd`,
  });
}
