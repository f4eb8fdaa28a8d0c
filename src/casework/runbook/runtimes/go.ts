import type { RuntimeNote } from '../runtime-notes.ts';

/** Go. One more line of the checklist is one more entry. */
export const GO: readonly RuntimeNote[] = [
  {
    step: 'confirm',
    kind: 'do',
    text: 'Goroutines grow before memory does: look at go_goroutines beside it.',
  },
  {
    step: 'capture',
    kind: 'know',
    text: 'Counts are taken first and all stacks last; above 20,000 goroutines it asks before it stops the world.',
  },
  {
    step: 'capture',
    kind: 'never',
    text: 'Do not send SIGQUIT: it prints the stacks and ends the process.',
  },
  {
    step: 'diagnose',
    kind: 'know',
    text: 'Two captures tell a stuck goroutine from one that is only waiting: ids that stay are stuck.',
  },
  {
    step: 'mitigate',
    kind: 'know',
    text: 'A higher memory limit and more replicas only move the end.',
  },
];
