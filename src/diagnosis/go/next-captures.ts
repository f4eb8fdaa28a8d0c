import { formatCount } from '../../base/units.ts';
import type { Diagnosis, Finding, Verdict } from '../../model/finding.ts';
import type { ExplainedGroup } from './explain-groups.ts';
import type { HeapGrowth } from './heap-growth.ts';
import type { Moment } from './moments.ts';

/** What names the line of a heap that grows on: more of it. A line needs some 8 MB to be told at the usual sampling rate. */
export function longerApart({ bytes }: HeapGrowth): Diagnosis['next'][number] {
  const times = Math.max(2, Math.ceil((2 * ENOUGH_BYTES) / Math.max(1, bytes.at(-1)! - bytes[0]!)));
  return {
    command: 'stanch capture URL --count 3 --every 10m',
    why: `heap profiles are samples: captures about ${formatCount(times)} times as far apart show the line; those of the same process that are there already count as well`,
  };
}

/** 16 samples of 512 kB, `runtime.MemProfileRate`. */
const ENOUGH_BYTES = 8 * 1024 * 1024;

/** Which capture or file would raise the confidence, for the findings as they are. */
export function nextCaptures(
  verdict: Verdict,
  findings: readonly Finding[],
  explained: readonly ExplainedGroup[],
  moments: readonly Moment[],
  leftOut: number,
  hasSource: boolean,
): Diagnosis['next'] {
  const next: Diagnosis['next'] = [];
  const last = moments[moments.length - 1];
  if (leftOut > 0) {
    next.push({
      command: 'stanch capture URL --kind goroutines --count 3 --every 5m',
      why: 'take three captures of one process: those that were left out are of another one',
    });
  }
  const open = findings.filter(({ confidence }) => confidence < 0.9);
  if (moments.length === 1) {
    next.push({
      command: 'stanch capture URL --kind goroutines --count 2 --every 5m',
      why: 'one capture shows what there is; a second one tells what grows and which goroutines stayed',
    });
  } else if (open.length > 0) {
    next.push({
      command: 'stanch capture URL --kind goroutines',
      why: `one more capture after the load has gone (clients left, or traffic taken off) settles ${open
        .slice(0, 3)
        .map(({ id }) => id)
        .join(', ')}: what ends with its clients is gone by then, a leak is not`,
    });
  } else if (moments.length === 2 && verdict === 'no-leak') {
    next.push({
      command: 'stanch capture URL --kind goroutines',
      why: 'a third capture would tell slow growth from none',
    });
  }
  if (last && last.dump === null && findings.length > 0) {
    next.push({
      command: 'curl URL/debug/pprof/goroutine?debug=2',
      why: 'ids and creators are in the text only; it stops the service for 2 to 3 ms per 1,000 goroutines',
    });
  }
  if (
    explained.some(({ suspect }) => suspect.reading === null && suspect.study.group.main.blame !== null) &&
    !hasSource
  ) {
    next.push({
      command: 'stanch diagnose <evidence> --source <checkout>',
      why: 'the waiting lines tell stuck goroutines from those that run on',
    });
  }
  const askDetector = explained.some(
    ({ study, proof }) =>
      study.provenStuck === null && study.group.main.waitClass === 'blocked' && proof.confidence < 0.9,
  );
  if (askDetector) {
    next.push({
      command: 'curl URL/debug/pprof/goroutineleak?debug=1',
      why: 'from Go 1.27 on the runtime proves which of them are stuck for good (it cannot see those that a timer wakes)',
    });
  }
  if (moments.length > 0 && moments.every(({ heap }) => heap === null) && findings.length > 0) {
    next.push({
      command: 'curl URL/debug/pprof/heap?debug=1',
      why: 'tells what the goroutines hold and how large the stacks are',
    });
  }
  return next;
}
