import { collectionCode } from '../collection-code.ts';
import type { Rule } from '../rule.ts';

/** Functions that are kept for too long, and with them everything in their scopes. */
export const staleClosure: Rule = {
  id: 'stale-closure',
  runtime: 'node',
  pattern: 'stale-closure',
  match({ group, members, labels }) {
    const chained = group.sites.some(
      (site) => site.label.startsWith('$') || site.shape.category === 'context',
    );
    const functions = members.closures.length > 0;
    if (!chained && !(functions && members.capturedShare >= 0.5)) return null;
    const variables = members.captured.slice(0, 4).join(', ');
    return {
      fit: chained ? 0.9 : 0.88,
      title: chained
        ? 'Closures form a chain: each keeps the scope of the one before'
        : `Functions are kept, and each keeps what it captured${variables ? ` (${variables})` : ''}`,
      adds: members.closures[0]?.location ?? null,
      allocates: members.closures.slice(1).flatMap((closure) => (closure.location ? [closure.location] : [])),
      code: chained ? { adds: [], removes: [] } : collectionCode(group.owner),
      reasons: [
        `${Math.round(members.capturedShare * 100)} % of the bytes below the members are held by captured variables`,
        ...(chained
          ? [`the chain runs through ${labels[labels.length - 1]?.replace(/^\$/, 'the variable ')}`]
          : []),
      ],
      against: [],
      remedy: {
        summary:
          'Capture only the values that are needed, set the big variable to null when it is done with, and drop the functions.',
        example: 'const { id } = board;            // not the board itself\nhandlers.push(() => update(id));',
      },
    };
  },
};
