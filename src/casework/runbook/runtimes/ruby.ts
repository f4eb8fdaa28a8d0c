import type { RuntimeNote } from '../runtime-notes.ts';

/** The Rails flight checklist. One more line of it is one more entry. */
export const RUBY: readonly RuntimeNote[] = [
  {
    step: 'locate',
    kind: 'do',
    text: 'The worst worker, not the master: workers stand below their master, worst first.',
    command: 'stanch top --match puma',
  },
  {
    step: 'capture',
    kind: 'never',
    text: 'Do not kill -USR2 or -USR1: a Puma master restarts all workers on it, and the evidence is gone.',
  },
  {
    step: 'capture',
    kind: 'never',
    text: 'Do not use rails runner, rails console or a rake task for it: they dump a process of their own.',
  },
  {
    step: 'capture',
    kind: 'know',
    text: 'With the agent the dump comes from a forked child; 10 minutes between two dumps, and the same worker each time.',
  },
  {
    step: 'diagnose',
    kind: 'do',
    text: 'Large strings and large objects by hand.',
    command: 'stanch objects <last-dump> --class "(string)" --sort self',
  },
  {
    step: 'mitigate',
    kind: 'know',
    text: 'TERM to one worker: Puma starts a new one in its place. GC.start in a console collects in another process.',
  },
  {
    step: 'report',
    kind: 'do',
    text: 'Keep watching: ENABLE_MEMORY_DEBUGGING=true makes the agent write HIGH_MEMORY lines.',
  },
];
