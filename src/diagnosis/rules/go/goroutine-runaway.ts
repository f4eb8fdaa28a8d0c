import type { GoRule } from '../../go/rule.ts';

/** Goroutines that wake again and again and never end: ticker loops. The runtime's own leak detector cannot see them. */
export const goroutineRunaway: GoRule = {
  id: 'goroutine-runaway',
  runtime: 'go',
  pattern: 'goroutine-runaway',
  match({ study, reading, starter, place }) {
    if ((study.provenStuck ?? 0) > 0) return null;
    const { main } = study.group;
    if (main.waitClass === 'never' || main.waitClass === 'io') return null;
    const reasons: string[] = [];
    const isNotNamed = study.provenStuck === 0;
    if (isNotNamed) {
      reasons.push(
        "the runtime's leak detector does not name them: a timer or something that lives can still wake them",
      );
    }
    const fit =
      reading?.kind === 'runs-on'
        ? 0.96
        : reading === null && (isNotNamed || main.waitClass === 'timer')
          ? 0.6
          : 0;
    if (fit === 0) return null;
    return {
      fit,
      title: `Goroutines ${starter} run on for ever at ${place}`,
      reasons,
      against: [],
      remedy: {
        summary:
          'Stop the loop when its work is done: a context or a stop channel in the select, and the ticker stopped on the way out.',
        example:
          'ticker := time.NewTicker(interval)\ndefer ticker.Stop()\nfor {\n\tselect {\n\tcase <-ticker.C:\n\t\treport()\n\tcase <-ctx.Done():\n\t\treturn\n\t}\n}',
      },
    };
  },
};
