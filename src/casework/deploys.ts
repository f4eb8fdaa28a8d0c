import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { EXIT, StanchError } from '../base/errors.ts';
import type { TimelineEntry, TimelineRecord } from '../model/case.ts';
import { record } from './case-folder.ts';

const run = promisify(execFile);
const MAX_LOG_BYTES = 64 << 20;
const DEFAULT_SINCE = '30 days ago';

export interface DeploysOptions {
  /** As git takes it: `2024-01-20`, `2 weeks ago`. */
  since?: string | undefined;
  /** Only commits that have a tag. */
  tagsOnly?: boolean | undefined;
}

/**
 * Puts the commits of a checkout's main line on the timeline, each once: what may have been deployed when. A commit's time is that at which it came
 * into the branch.
 */
export async function addDeploys(
  folder: string,
  repository: string,
  { since = DEFAULT_SINCE, tagsOnly = false }: DeploysOptions = {},
): Promise<TimelineRecord[]> {
  const commits = await commitsOf(repository, since);
  return record(folder, ({ timeline }) => {
    const known = new Set(timeline.records.map(({ facts }) => facts?.['commit']));
    return commits.filter(({ facts }) => !known.has(facts?.['commit']) && (!tagsOnly || facts?.['tags']));
  });
}

async function commitsOf(repository: string, since: string): Promise<TimelineEntry[]> {
  const args = [
    // Nothing that a strange checkout's settings name is run.
    ...['-c', 'core.fsmonitor=false', '-c', 'log.showSignature=false', '-C', repository],
    ...['log', '--first-parent', '--no-color', '--decorate=short', '--decorate-refs=refs/tags/'],
    ...[`--since=${since}`, '--format=%H%x1f%cI%x1f%D%x1f%s%x1e', '--end-of-options', 'HEAD'],
  ];
  const { stdout } = await run('git', args, {
    maxBuffer: MAX_LOG_BYTES,
    env: { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
  }).catch((error: unknown) => {
    throw gitError(repository, error);
  });
  return stdout
    .split('\x1e')
    .map((text) => text.replace(/^\n/, ''))
    .filter((text) => text !== '')
    .map(entryOf)
    .reverse();
}

function entryOf(text: string): TimelineEntry {
  const [commit = '', at = '', refs = '', subject = ''] = text.split('\x1f');
  const tags = refs
    .split(', ')
    .filter((ref) => ref.startsWith('tag: '))
    .map((ref) => ref.slice('tag: '.length));
  return {
    kind: 'deploy',
    at: new Date(at).toISOString(),
    text: [tags.join(' '), commit.slice(0, 10), subject].filter((part) => part !== '').join(' '),
    facts: { commit, ...(tags.length > 0 ? { tags: tags.join(' ') } : {}) },
  };
}

function gitError(repository: string, error: unknown): StanchError {
  const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
  const reason =
    code === 'ENOENT' ? 'git is not installed' : (stderr ?? '').trim().split('\n')[0] || String(error);
  return new StanchError(`${repository}: ${reason}`, {
    code: 'no-git-log',
    exitCode: EXIT.unreadable,
    hint: "give the folder of the service's checkout",
    cause: error,
  });
}
