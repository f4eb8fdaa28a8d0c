import type { RuntimeNote } from '../runtime-notes.ts';

/** The La Factoria runbook. One more line of it is one more entry. */
export const PYTHON: readonly RuntimeNote[] = [
  {
    step: 'capture',
    kind: 'never',
    text: 'Do not use railway run or a shell in the container for it: it looks at a process of its own.',
  },
  {
    step: 'capture',
    kind: 'never',
    text: 'Do not set gc.DEBUG_LEAK: it keeps everything that the collector finds, a leak by itself.',
  },
  {
    step: 'capture',
    kind: 'know',
    text: 'The agent writes the object graph from a forked child; its token comes from STANCH_TOKEN.',
  },
  {
    step: 'diagnose',
    kind: 'do',
    text: 'What there is most of, and what is large.',
    command: 'stanch objects <last-dump> --sort count',
  },
  {
    step: 'mitigate',
    kind: 'know',
    text: 'Clearing caches and forcing a collection is no fix: what is held stays held. Evidence first.',
  },
  {
    step: 'verify',
    kind: 'know',
    text: '15 minutes prove nothing by themselves: it depends on the rate before, and verify says how long it takes.',
  },
];
