import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EXIT, StanchError, UsageError } from '../../base/errors.ts';

const run = promisify(execFile);
const MOST_OUTPUT_BYTES = 64 << 20;

/** One commit of a history. */
export interface Commit {
  readonly hash: string;
  readonly subject: string;
}

async function git(repository: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', repository, ...args], { maxBuffer: MOST_OUTPUT_BYTES });
    return stdout;
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string };
    throw new StanchError(`git ${args[0]} in ${repository}: ${stderr.trim() || message}`, {
      code: 'git-failed',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

/**
 * The commits behind `good` up to `bad`, oldest first, `good` in front of them. Of merges only the first parent is followed.
 *
 * @throws UsageError when `good` does not come before `bad`
 */
export async function commitsBetween(repository: string, good: string, bad: string): Promise<Commit[]> {
  const ask = async (range: readonly string[]): Promise<Commit[]> => {
    const text = await git(
      repository,
      'log',
      '--first-parent',
      '--reverse',
      '--format=%H %s',
      ...range,
      '--',
    );
    return text
      .split('\n')
      .filter((row) => row !== '')
      .map((row) => ({ hash: row.slice(0, 40), subject: row.slice(41) }));
  };
  const [first] = await ask(['-1', good]);
  const commits = await ask([`${good}..${bad}`]);
  const before = await git(repository, 'merge-base', good, bad).catch(() => '');
  if (!first || before.trim() !== first.hash || commits.length === 0)
    throw new UsageError(
      `${good} does not come before ${bad}`,
      'write --bisect <good>..<bad>, as v1.4..HEAD',
    );
  return [first, ...commits];
}

/**
 * Checks a commit out into a folder of its own beside the user's checkout, which is not touched, and takes it away again, whatever
 * happens.
 */
export async function inWorktree<Result>(
  repository: string,
  { hash }: Commit,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const parent = await mkdtemp(join(tmpdir(), 'stanch-bisect-'));
  const folder = join(parent, hash.slice(0, 12));
  try {
    await git(repository, 'worktree', 'add', '--detach', '--quiet', folder, hash);
    return await work(folder);
  } finally {
    await git(repository, 'worktree', 'remove', '--force', folder).catch(() => undefined);
    await rm(parent, { recursive: true, force: true });
    await git(repository, 'worktree', 'prune').catch(() => undefined);
  }
}
