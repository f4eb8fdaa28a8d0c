import { literally, type Rule } from '../rule.ts';

const WAITING_SHARE = 0.8;

/** Promises that nobody settles: each keeps its reactions, the suspended function and all its variables. */
export const pendingPromise: Rule = {
  id: 'pending-promise',
  runtime: 'node',
  pattern: 'pending-promise',
  match({ group, members }) {
    const reactions = group.sites.some((site) => /PromiseReaction|^Promise$/.test(site.shape.text));
    const waiting = members.waitingShare >= WAITING_SHARE;
    if (!reactions && !waiting) return null;
    if (!waiting && group.owner.collectionKind !== 'promise') return null;
    const collected = group.owner.collectionKind !== 'promise';
    return {
      fit: collected ? 0.85 : 0.95,
      title: collected
        ? 'Promises wait in a collection and are never settled'
        : 'Ever more code waits for one promise that is never settled',
      adds: null,
      code: {
        adds: collected
          ? [new RegExp(`\\b${literally(group.owner.name)}\\b\\s*(?:\\?\\.|\\.)\\s*(?:set|add|push)\\s*\\(`)]
          : [
              new RegExp(`await\\b[^;\\n]*\\b${literally(group.owner.name)}\\b`),
              new RegExp(`\\b${literally(group.owner.name)}\\b\\s*\\.then\\s*\\(`),
            ],
        removes: [],
      },
      reasons: [`${Math.round(members.waitingShare * 100)} % of the members looked at wait on a promise`],
      against: [],
      remedy: {
        summary:
          'Settle every promise: give each wait a time limit, and reject what is still waiting when the other side goes away.',
        example:
          'const answer = await Promise.race([reply, timeout(5000)]);\n// and on disconnect: for (const waiter of waiting.values()) waiter.reject(new Error("gone"));',
      },
    };
  },
};
