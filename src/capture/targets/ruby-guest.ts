import { join } from 'node:path';
import { memoryRoom } from '../../sources/processes/memory-limit.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { CaptureError } from '../capture-error.ts';
import { type EvidenceFile, refuseExisting, takeOver } from '../probes/evidence-file.ts';
import { guestDump } from '../probes/guest-dump.ts';
import { type GuestFolder, guestPlace } from '../probes/guest-folder.ts';
import { rubyGuestFiles, rubyWay } from '../probes/ruby-guest.ts';
import { FORK_MS_PER_BYTE, RUBY_DISK_TIMES_RSS, RUBY_LEAST_BYTES, RUBY_SHARE_OF_RSS } from './dump-costs.ts';
import { dumpPreFlight } from './dump-target.ts';
import { guestAccess, guestPauseMs, refuseGuest } from './guest-checks.ts';
import { type Check, diskCheck, memoryCheck, pauseCheck, stillFits } from './pre-flight.ts';
import type { CaptureWish, PreparedTarget } from './target.ts';

const COMPILE_MS = 100;
const ADD_AGENT =
  "add `require 'stanch_agent'; StanchAgent.start` to config/initializers/stanch.rb (docs/agents/ruby.md)";

/** Prepares a Ruby process without an agent: it is brought in, for one dump, by rbtrace or gdb. */
export async function prepareRubyGuest(facts: ProcessFacts, wish: CaptureWish): Promise<PreparedTarget> {
  const { pid, rssBytes } = facts;
  const way = rubyWay(facts);
  if ('reason' in way) refuseGuest(pid, way, ADD_AGENT);
  const place = await guestPlace(pid);
  const diskBytes = rssBytes * RUBY_DISK_TIMES_RSS;
  const needBytes = rssBytes * RUBY_SHARE_OF_RSS + RUBY_LEAST_BYTES + (place.inMemory ? diskBytes : 0);
  const pauseMs = guestPauseMs(way.name, rssBytes * FORK_MS_PER_BYTE, COMPILE_MS);
  const need = (): Check =>
    memoryCheck(
      {
        mostBytes: needBytes,
        leastBytes: needBytes,
        why: `a forked child shares what it reads; a quarter of RSS is kept free for the service${place.inMemory ? `, and its ${place.inside} lies in memory` : ''}`,
        instead: 'restart the other workers first, or raise the limit',
      },
      memoryRoom(pid),
    );
  const checks: Check[] = [
    { name: 'role', state: 'ok', says: facts.role },
    guestAccess(way.name),
    need(),
    pauseCheck(
      pauseMs,
      way.name === 'gdb'
        ? 'gdb, then the agent is compiled, then a fork'
        : 'the agent is compiled, then a fork',
    ),
    await diskCheck(wish.disk, diskBytes * wish.count, '2.4 × RSS, each'),
    await diskCheck(place.outside, diskBytes, `in ${place.inside} of the process, for a while`),
  ];
  return {
    preFlight: dumpPreFlight(facts, {
      checks,
      extraMemoryBytes: needBytes,
      pauseMs,
      diskBytes: diskBytes * wish.count,
    }),
    again: stillFits(need),
    async capture({ label, folder, signal }) {
      const file = join(folder, `${label}.json${wish.pack ? '.gz' : ''}`);
      const names = join(folder, `${label}.names.jsonl`);
      for (const each of [file, names]) await refuseExisting(each);
      const started = performance.now();
      const bring = async (guest: GuestFolder): Promise<null> => {
        await way.bring(guest);
        return null;
      };
      return guestDump(
        { process: facts, place, files: rubyGuestFiles, bring, oneThread: way.name === 'gdb', signal },
        async (guest) => {
          const elapsedMs = performance.now() - started;
          if ((await guest.size('dump.json')) === null) {
            throw new CaptureError(`process ${pid}`, 'take-snapshot', 'it wrote no plain file');
          }
          const files: EvidenceFile[] = [];
          // Names first: a dump without them would look complete.
          if ((await guest.size('dump.names.jsonl')) !== null) {
            files.push({
              file: names,
              kind: 'names',
              ...(await takeOver(`${guest.outside}/dump.names.jsonl`, names)),
              elapsedMs: 0,
            });
          }
          files.unshift({
            file,
            kind: 'heap',
            ...(await takeOver(`${guest.outside}/dump.json`, file, { pack: wish.pack === true })),
            elapsedMs,
          });
          return files;
        },
      );
    },
    close: () => Promise.resolve(null),
  };
}
