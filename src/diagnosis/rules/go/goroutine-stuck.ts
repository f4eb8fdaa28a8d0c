import type { GoRule } from '../../go/rule.ts';

const WHAT: readonly (readonly [RegExp, string])[] = [
  [/^sync\..*(?:Lock|RLock)|Mutex/, 'for a lock'],
  [/WaitGroup/, 'for a group'],
  [/Cond/, 'for a condition'],
];

/** Goroutines that wait for something that does not come. */
export const goroutineStuck: GoRule = {
  id: 'goroutine-stuck',
  runtime: 'go',
  pattern: 'goroutine-stuck',
  match({ study, reading, starter, place }) {
    const { main } = study.group;
    const isProven = (study.provenStuck ?? 0) > 0 || main.waitClass === 'never';
    const top = main.frames[0]?.function ?? '';
    const what = WHAT.find(([pattern]) =>
      main.frames.slice(0, 3).some((frame) => pattern.test(frame.function)),
    )?.[1];
    const isIo = main.waitClass === 'io';
    const where = place === '' ? top : place;
    const verb = isIo
      ? 'wait on a peer that does not answer'
      : what
        ? `wait ${what}`
        : 'wait for something that does not come';
    return {
      fit: isProven ? 0.97 : reading?.kind === 'waits-on' ? 0.7 : 0.4,
      title: `Goroutines ${starter} ${verb} at ${where}`,
      reasons: [],
      against:
        !isProven && reading === null
          ? [
              'whether they are stuck or wake again and again takes the source (--source) or a leak profile to tell',
            ]
          : [],
      remedy: isIo
        ? {
            summary:
              'Give every wait on a peer a deadline, so that a peer that is gone cannot keep the goroutine.',
            example: 'conn.SetDeadline(time.Now().Add(30 * time.Second))',
          }
        : {
            summary:
              'Give the wait a second way out that is always taken: a context, a closed channel, or a buffer for the one value that is sent.',
            example: 'select {\ncase result <- value:\ncase <-ctx.Done():\n\treturn\n}',
          },
    };
  },
};
