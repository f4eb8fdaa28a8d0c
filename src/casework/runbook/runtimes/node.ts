import type { RuntimeNote } from '../runtime-notes.ts';

/** Node.js. One more line of the checklist is one more entry. */
export const NODE: readonly RuntimeNote[] = [
  {
    step: 'capture',
    kind: 'know',
    text: 'A heap snapshot takes up to 8 × the used heap and stalls 8 s for each 100 MB; the pre-flight says how much before it begins.',
  },
  {
    step: 'capture',
    kind: 'do',
    text: 'Where a snapshot does not fit, allocations are sampled for 45 MB.',
    command: 'stanch capture <target> --kind profile -o <case>',
  },
  {
    step: 'capture',
    kind: 'never',
    text: 'Do not send SIGUSR2 or restart under nodemon: a restart destroys the evidence.',
  },
  {
    step: 'mitigate',
    kind: 'do',
    text: 'A collection tells garbage from what is held; what is held stays held.',
    command: 'stanch mitigate <target> gc --case <case>',
  },
];
