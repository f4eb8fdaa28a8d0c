import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { CaseEvidence } from '../model/case.ts';
import { blobPath } from './evidence-store.ts';

/** Runs `work` with a folder in which evidence lies under its own names (order, companions and formats go by names). */
export async function withNamedView<Result>(
  folder: string,
  evidence: readonly CaseEvidence[],
  work: (view: string) => Promise<Result>,
): Promise<Result> {
  const view = await mkdtemp(join(tmpdir(), 'stanch-case-'));
  try {
    for (const { name, sha256 } of evidence) {
      const path = join(view, name);
      await mkdir(dirname(path), { recursive: true });
      await symlink(resolve(folder, blobPath(sha256)), path);
    }
    return await work(view);
  } finally {
    await rm(view, { recursive: true, force: true });
  }
}
