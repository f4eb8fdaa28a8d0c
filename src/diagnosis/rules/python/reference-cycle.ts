import { pythonFactsOf } from '../../../formats/python-gc/facts.ts';
import { lastName } from '../../named/python.ts';
import { LOOSE_CYCLES, whyNotCollected } from '../../named/python-cycles.ts';
import { literally, type Rule } from '../rule.ts';

/** Cycles that stay because the collector is off, does not see them, or keeps what it finds. A cycle alone is no leak. */
export const referenceCycle: Rule = {
  id: 'reference-cycle',
  runtime: 'python',
  pattern: 'reference-cycle',
  match({ group, members, graph, shapes }) {
    const why = whyNotCollected(pythonFactsOf(graph));
    const isKept = shapes.some((shape) => shape === 'module gc') && /\bgarbage\b/.test(group.owner.text);
    if (!isKept && (why === null || group.owner.text !== LOOSE_CYCLES)) return null;
    const classes = [
      ...new Set([...group.sites.map(({ shape }) => shape.text), ...members.classes.map(({ name }) => name)]),
    ];
    const own = classes.filter((name) => /^[\w.]+\.\w+$/.test(name));
    const told = (own.length > 0 ? own : classes).slice(0, 3).join(', ');
    return {
      fit: 0.94,
      title: `Reference cycles${told ? ` (${told})` : ''} stay for ever: ${why ?? 'they were put into gc.garbage'}`,
      adds: null,
      allocates: [
        ...members.classes.map(({ location }) => location),
        ...group.sites.map(({ shape }) => shape.location),
      ].filter((place) => place !== null),
      code: {
        adds: [/\bgc\s*\.\s*(?:disable|freeze|set_debug|set_threshold)\s*\(/],
        removes: [/\bgc\s*\.\s*(?:enable|unfreeze|collect)\s*\(/],
        makes: own.map((name) => new RegExp(`(?<!class\\s)\\b${literally(lastName(name))}\\s*\\(`)),
      },
      reasons: [
        'no module, thread or stack leads to them: they only hold each other',
        ...(why === null ? [] : [why]),
      ],
      against: [],
      remedy: {
        summary:
          'Let the collector run (gc.freeze once, before the workers are forked, is fine), or break the cycle: hold the parent by weakref.',
        example: 'self.parent = weakref.ref(parent)',
      },
    };
  },
};
