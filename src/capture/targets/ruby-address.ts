import { join } from 'node:path';
import { formatBytes } from '../../base/units.ts';
import { memoryRoom } from '../../sources/processes/memory-limit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { CaptureError } from '../capture-error.ts';
import { type EvidenceFile, refuseExisting } from '../probes/evidence-file.ts';
import { type RubyEndpointStatus, rubyAgentAt, rubyDumpOverHttp } from '../ruby-agent-http.ts';
import { type DumpWay, fetchDump, wayChecks } from './agent-address.ts';
import { FORK_MS_PER_BYTE, RUBY_DISK_TIMES_RSS, RUBY_LEAST_BYTES, RUBY_SHARE_OF_RSS } from './dump-costs.ts';
import { type Check, diskCheck, memoryCheck, pauseCheck } from './pre-flight.ts';
import { refuseRubyKind } from './ruby.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

const SMALL_PAUSE_MS = 5;
const FILE_PATH = '/__stanch/file';

/** Prepares a Ruby service by the address where StanchAgent::Middleware answers; the worker that has answered is the one for the series. */
export async function prepareRubyAddress(
  url: string,
  token: string,
  status: RubyEndpointStatus,
  facts: ProcessFacts | null,
  wish: CaptureWish,
): Promise<PreparedTarget> {
  refuseRubyKind(wish);
  const door = { url, token, signal: wish.signal };
  const way: DumpWay = { facts, door, filePath: FILE_PATH };
  const rss = facts?.rssBytes ?? status.rss ?? 0;
  const needBytes = rss * RUBY_SHARE_OF_RSS + RUBY_LEAST_BYTES;
  const diskBytes = rss * RUBY_DISK_TIMES_RSS * wish.count;
  const pauseMs = SMALL_PAUSE_MS + rss * FORK_MS_PER_BYTE;
  const coolSeconds = Math.ceil(status.coolDownLeft);
  const checks: Check[] = [
    ...wayChecks(way, status.download === true),
    { name: 'role', state: 'ok', says: `${status.role} ${status.pid}, the worker that has answered` },
    coolSeconds > 0
      ? {
          name: 'agent',
          state: 'refused',
          says: `it cools down from its last dump: ${coolSeconds} s left`,
          hint: `wait ${coolSeconds} s`,
        }
      : { name: 'agent', state: 'ok', says: 'would write it from a forked child' },
    facts
      ? memoryCheck(
          {
            mostBytes: needBytes,
            leastBytes: needBytes,
            why: 'a forked child shares what it reads; a quarter of RSS is kept free for the service',
            instead: 'restart the other workers first, or raise the limit',
          },
          memoryRoom(facts.pid),
        )
      : {
          name: 'memory',
          state: 'ok',
          says: `may take ${formatBytes(needBytes)} more; the agent looks at its own limit before it forks, and refuses`,
        },
    pauseCheck(pauseMs, '0.05 ms for each MB to fork; a child writes the dump'),
    await diskCheck(wish.disk, diskBytes, '2.4 × RSS, each'),
  ];
  return {
    preFlight: {
      target: facts ? `process ${facts.pid}` : url,
      runtime: 'ruby',
      role: facts?.role ?? status.role,
      pid: facts?.pid ?? null,
      kinds: ['heap'],
      checks,
      extraMemoryBytes: needBytes,
      pauseMs,
      diskBytes,
    },
    async again() {
      const now = await rubyAgentAt(door, status.pid);
      return now?.startTicks === status.startTicks ? null : `worker ${status.pid} has ended`;
    },
    async capture({ label, folder, signal }) {
      const gz = wish.pack === true;
      const file = join(folder, `${label}.json${gz ? '.gz' : ''}`);
      const names = join(folder, `${label}.names.jsonl`);
      for (const each of [file, names]) await refuseExisting(each);
      const started = performance.now();
      const told = await rubyDumpOverHttp({ ...door, signal }, { pid: status.pid, gz });
      const elapsedMs = performance.now() - started;
      if (gz !== told.path.endsWith('.gz'))
        throw new CaptureError(url, 'take-snapshot', 'its agent packs as it likes: bring it up to date');
      const foundFolder = facts?.agent?.folder ?? status.folder;
      const bring = (path: string, to: string): Promise<{ bytes: number; sha256: string }> =>
        fetchDump({ ...way, door: { ...door, signal } }, { path, foundFolder }, to);
      const files: EvidenceFile[] = [];
      // Names first: a dump without them would look complete.
      if (told.names !== null)
        files.push({ file: names, kind: 'names', ...(await bring(told.names, names)), elapsedMs: 0 });
      files.unshift({ file, kind: 'heap', ...(await bring(told.path, file)), elapsedMs });
      return files;
    },
    close: () => Promise.resolve(null),
  };
}
