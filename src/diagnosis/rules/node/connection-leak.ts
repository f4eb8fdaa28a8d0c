import type { Rule } from '../rule.ts';

/** Connections that stay open because each has an agent of its own, which nobody asks for a connection again. */
export const connectionLeak: Rule = {
  id: 'connection-leak',
  runtime: 'node',
  pattern: 'connection-leak',
  match({ group, members }) {
    // One agent for many connections is a pool; nearly as many agents as connections is none.
    if (members.liveHandleShare < 0.5 || members.ownAgents * 3 < members.samples || members.ownAgents < 8)
      return null;
    return {
      fit: 0.92,
      title: `Connections stay open in agents of their own (${group.owner.text}, ${members.ownAgents} agents for ${members.samples} connections looked at)`,
      adds: null,
      code: { adds: [/\bnew\s+(?:[\w$]+\.)?Agent\s*\(/], removes: [/\.destroy\s*\(/] },
      reasons: ['each connection came with a new Agent: an idle keep-alive connection is never used again'],
      against: [],
      remedy: {
        summary:
          'Make one Agent for the process and hand it to every request, or destroy each when its request ends.',
        example:
          'const agent = new http.Agent({ keepAlive: true });   // once, at module level\nhttp.get(url, { agent }, …);',
      },
    };
  },
};
