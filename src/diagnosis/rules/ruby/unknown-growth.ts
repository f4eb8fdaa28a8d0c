import { makingMembers, rubyCode } from '../../named/ruby-code.ts';
import { placesOfClasses } from '../of-members.ts';
import type { Rule } from '../rule.ts';
import { inferNames, tracedReason } from './unbounded-collection.ts';

/** Growth with an owner, but of no known pattern. */
export const unknownGrowth: Rule = {
  id: 'unknown-growth',
  runtime: 'ruby',
  pattern: 'unknown-growth',
  match({ group, members, source, graph }) {
    const shapes = [...new Set(group.sites.map((site) => site.shape.text))].slice(0, 3).join(', ');
    return {
      fit: 0.1,
      title: `${group.owner.text} keeps ever more${shapes ? `: ${shapes}` : ''}`,
      adds: members.closures[0]?.location ?? null,
      allocates: placesOfClasses(members),
      code: {
        ...(inferNames(group.owner, source)?.code ?? rubyCode(group.owner, members.keyPatterns, source)),
        makes: makingMembers(members),
      },
      reasons: tracedReason(graph, group),
      against: ['no known pattern fits; the path says who holds it, not why'],
      remedy: {
        summary: 'Follow the retaining path from its first leaking step and ask what should have let go.',
        example: 'stanch path C.json n-0x… --all',
      },
    };
  },
};
