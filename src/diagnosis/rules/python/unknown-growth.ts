import { lastName } from '../../named/python.ts';
import { pythonCode } from '../../named/python-code.ts';
import { placesOfClasses } from '../of-members.ts';
import { literally, type Rule } from '../rule.ts';

/** Growth with an owner, but of no known pattern. */
export const unknownGrowth: Rule = {
  id: 'unknown-growth',
  runtime: 'python',
  pattern: 'unknown-growth',
  match({ group, members }) {
    const shapes = [...new Set(group.sites.map((site) => site.shape.text))].slice(0, 3).join(', ');
    const makes = members.classes
      .filter(({ name }) => name.includes('.'))
      .map(({ name }) => new RegExp(`(?<!class\\s)\\b${literally(lastName(name))}\\s*\\(`));
    const code = pythonCode(group.owner, members.keyPatterns);
    return {
      fit: 0.1,
      title: `${group.owner.text} keeps ever more${shapes ? `: ${shapes}` : ''}`,
      adds: members.closures[0]?.location ?? null,
      allocates: placesOfClasses(members),
      code: { ...code, makes: [...(code.makes ?? []), ...makes] },
      reasons: [],
      against: ['no known pattern fits; the path says who holds it, not why'],
      remedy: {
        summary: 'Follow the retaining path from its first leaking step and ask what should have let go.',
        example: 'stanch path C.pygc n-0x… --all',
      },
    };
  },
};
