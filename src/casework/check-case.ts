import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LongCall } from '../base/progress.ts';
import type { CaseDamage, CaseEvidence } from '../model/case.ts';
import { CASE_FILE, type CaseOnDisk, readCase } from './case-folder.ts';
import { blobPath, hashFile } from './evidence-store.ts';
import { withLock } from './lock.ts';
import { TIMELINE } from './timeline.ts';

/** What `stanch case check` answers. */
export interface CaseCheck {
  schema: 'stanch/case-check@1';
  /** Nothing that was acknowledged is lost or altered. */
  whole: boolean;
  filesChecked: number;
  damage: CaseDamage[];
}

/** Compares everything in a case with what was written: evidence and findings by their hashes, the timeline by its chain. */
export async function checkCase(folder: string, call: LongCall = {}): Promise<CaseCheck> {
  const current = await readSettled(folder);
  const damage = [...current.damage];
  const leftOut = new Set(current.file.handOver?.leftOut ?? []);
  const stored = [...storedFiles(current)].filter(([, { sha256 }]) => !leftOut.has(sha256));
  let checked = 0;
  for (const [path, file] of stored) {
    call.signal?.throwIfAborted();
    call.onProgress?.('check', checked++, stored.length);
    damage.push(...(await fileDamage(folder, path, file)));
  }
  const known = new Set(stored.map(([path]) => path));
  damage.push(...(await unlisted(folder, known)));
  for (const path of [CASE_FILE, TIMELINE]) damage.push(...(await exposure(folder, path)));
  return {
    schema: 'stanch/case-check@1',
    whole: damage.every(({ severity }) => severity !== 'damage'),
    filesChecked: stored.length,
    damage,
  };
}

/** Another command may be writing the last line just now: then it is waited for, where that can be done. */
export async function readSettled(folder: string): Promise<CaseOnDisk> {
  const first = await readCase(folder);
  if (first.damage.length === 0) return first;
  // Not on a read-only disk, and not when somebody holds the case for long.
  return withLock(folder, () => readCase(folder), 2000).catch(() => first);
}

interface StoredFile {
  readonly sha256: string;
  readonly bytes: number | null;
  readonly name: string;
}

function storedFiles({ evidence, timeline }: CaseOnDisk): Map<string, StoredFile> {
  const files = new Map<string, StoredFile>();
  const add = ({ sha256, bytes, name }: CaseEvidence): void =>
    void files.set(blobPath(sha256), { sha256, bytes, name });
  evidence.forEach(add);
  for (const { findings, result } of timeline.records) {
    if (findings) files.set(findings.file, { sha256: findings.sha256, bytes: null, name: 'a diagnosis' });
    if (result) files.set(result.file, { sha256: result.sha256, bytes: null, name: result.schema });
  }
  return files;
}

async function fileDamage(
  folder: string,
  path: string,
  { sha256, bytes, name }: StoredFile,
): Promise<CaseDamage[]> {
  const at = join(folder, path);
  const there = await stat(at).catch(() => null);
  if (!there?.isFile()) return [{ problem: 'missing', severity: 'damage', path, text: `${name} is gone` }];
  if (bytes !== null && there.size !== bytes) {
    return [
      {
        problem: 'changed',
        severity: 'damage',
        path,
        text: `${name} was altered: it has ${there.size} bytes instead of ${bytes}`,
      },
    ];
  }
  const hash = await hashFile(at).catch((error: Error) => error.message);
  if (hash !== sha256) {
    return [
      { problem: 'changed', severity: 'damage', path, text: `${name} was altered: its hash is ${hash}` },
    ];
  }
  return exposure(folder, path);
}

const OTHERS = 0o077;

async function exposure(folder: string, path: string): Promise<CaseDamage[]> {
  const there = await stat(join(folder, path)).catch(() => null);
  if (there === null || process.platform === 'win32' || (there.mode & OTHERS) === 0) return [];
  const mode = (there.mode & 0o777).toString(8);
  return [
    {
      problem: 'exposed',
      severity: 'note',
      path,
      text: `others than its owner may use it (mode ${mode}); dumps hold secrets: chmod 600`,
    },
  ];
}

/** An interrupted `add` leaves what it had stored before it could say so. */
async function unlisted(folder: string, known: ReadonlySet<string>): Promise<CaseDamage[]> {
  const found: string[] = [];
  for (const top of ['evidence', 'findings']) {
    const names = await readdir(join(folder, top), { recursive: true }).catch(() => []);
    for (const name of names) {
      const path = `${top}/${name.replaceAll('\\', '/')}`;
      if (!known.has(path) && (await stat(join(folder, path)).catch(() => null))?.isFile()) found.push(path);
    }
  }
  const waiting = await readdir(join(folder, '.incoming')).catch(() => []);
  found.push(...waiting.map((name) => `.incoming/${name}`));
  return found.sort().map((path) => ({
    problem: 'unlisted',
    severity: 'note',
    path,
    text: path.startsWith('.incoming/')
      ? 'a capture that goes on, or that was interrupted: the next capture or `case next` settles it'
      : 'no record names it: left by an interrupted command, or put there by hand',
  }));
}
