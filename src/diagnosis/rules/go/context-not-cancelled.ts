import type { GoRule } from '../../go/rule.ts';

/** Goroutines that would end with their context, and nobody cancels it. */
export const contextNotCancelled: GoRule = {
  id: 'context-not-cancelled',
  runtime: 'go',
  pattern: 'context-not-cancelled',
  match({ study, reading, starter, place }) {
    const { main } = study.group;
    // A context with a foreign parent has a goroutine of its own that lives until one of both is done.
    const isWatcher = /^context\./.test(main.creation?.function ?? main.entry?.function ?? '');
    if (reading?.kind !== 'needs-cancel' && !isWatcher) return null;
    return {
      fit: 0.98,
      title: isWatcher
        ? 'Contexts are made and never cancelled: each keeps a goroutine'
        : `Goroutines ${starter} wait at ${place} for a context that nobody cancels`,
      reasons: [],
      against: [],
      remedy: {
        summary:
          'Pass on the context of the request, and call the cancel function on every way out of the code that made it.',
        example: 'ctx, cancel := context.WithCancel(r.Context())\ndefer cancel()\ngo watch(ctx)',
      },
    };
  },
};
