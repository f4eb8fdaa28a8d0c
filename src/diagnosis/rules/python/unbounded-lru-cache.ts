import { pythonFactsOf } from '../../../formats/python-gc/facts.ts';
import { literally, type Rule } from '../rule.ts';

/** `functools.lru_cache` without a limit, or one on a method, which keeps every `self`. */
export const unboundedLruCache: Rule = {
  id: 'unbounded-lru-cache',
  runtime: 'python',
  pattern: 'unbounded-collection',
  match({ group, graph }) {
    const facts = pythonFactsOf(graph);
    const nodes = new Set([group.owner.collection, ...group.path.map(({ node }) => node)]);
    const cache = facts?.lruCaches.find(({ node }) => nodes.has(node));
    if (!cache) return null;
    const { name, place, entries, maxEntries, hits, misses } = cache;
    const calls = hits + misses;
    const isMethod = /\.[^.]+\.[^.]+$/.test(name) || group.owner.scope === 'class';
    return {
      fit: 0.95,
      title:
        maxEntries === null
          ? `The lru_cache of ${name} has no limit (maxsize=None): each new argument stays for ever`
          : `The lru_cache of ${name} holds up to ${maxEntries.toLocaleString('en-US')} entries and is still filling`,
      adds: place && { ...place, column: 1 },
      code: {
        adds: [new RegExp(`^\\s*(?:async\\s+)?def\\s+${literally(name.split('.').at(-1)!)}\\b`)],
        removes: [new RegExp(`${literally(name.split('.').at(-1)!)}\\.cache_clear\\s*\\(`)],
      },
      reasons: [
        `${entries.toLocaleString('en-US')} entries, maxsize ${maxEntries ?? 'None'}; ${calls === 0 ? 'no calls yet' : `${Math.round((100 * hits) / calls)} % of ${calls.toLocaleString('en-US')} calls were hits`}`,
        ...(isMethod ? ['on a method each entry keeps its self, and all that self holds'] : []),
      ],
      against: maxEntries === null ? [] : ['it has a limit, and stops growing when that is reached'],
      remedy: {
        summary: 'Give it a maxsize; on methods cache by the values that matter rather than by self.',
        example: '@lru_cache(maxsize=1024)\ndef render(template_id, locale): ...',
      },
    };
  },
};
