import type { Diagnosis, Finding, Verdict } from '../model/finding.ts';
import type { DumpInput } from './diagnose.ts';

const WHY_OTHER_PROCESS: Readonly<Record<string, string>> = {
  node: 'take three dumps of one process, over one inspector connection if that is how: V8 forgets the ids of objects when it closes',
  ruby: 'take three dumps of one worker (one pid, not the master), without GC.compact between them: it moves all objects',
  python: 'take three dumps of one worker (one pid, not the master)',
};

/** What would raise the confidence most, as commands. */
export function nextSteps(
  verdict: Verdict,
  findings: readonly Finding[],
  dumps: readonly DumpInput[],
  sameProcess: boolean,
  hasSource: boolean,
  runtime: string,
): Diagnosis['next'] {
  const files = dumps.map((dump) => dump.file).join(' ');
  const last = dumps[dumps.length - 1]!;
  const steps: Diagnosis['next'] = [];
  if (!sameProcess) {
    steps.push({
      command: `stanch diagnose A B C`,
      why: WHY_OTHER_PROCESS[runtime] ?? 'take three dumps of one process',
    });
  } else if (verdict === 'inconclusive') {
    steps.push({
      command: `stanch diagnose ${files} <one more dump>`,
      why:
        findings.length === 0
          ? 'one more dump of the same process, after several times more load: what grows on stands out then'
          : 'one more dump of the same process, after as much load again, tells a leak from a cache that fills',
    });
  }
  const first = findings[0];
  const handle = first?.path.findLast((step) => step.handle !== undefined)?.handle;
  if (first && handle) {
    steps.push({
      command: `stanch path ${last.file} ${handle} --all`,
      why: `shows every way in which ${first.id}'s newest member is held`,
    });
  }
  if (first?.location && !hasSource) {
    steps.push({
      command: `stanch diagnose ${files} --source <checkout>`,
      why: 'finds the very line that adds the members',
    });
  }
  return steps;
}
