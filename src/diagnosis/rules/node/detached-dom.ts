import type { Rule } from '../rule.ts';

/** DOM nodes that were taken out of the document and are still held by script. */
export const detachedDom: Rule = {
  id: 'detached-dom',
  runtime: 'node',
  pattern: 'detached-dom',
  match({ group, members }) {
    if (members.detachedShare < 0.5) return null;
    return {
      fit: 0.96,
      title: 'DOM nodes that left the document are still held',
      adds: members.closures[0]?.location ?? null,
      code: { adds: [], removes: [] },
      reasons: [
        `${Math.round(members.detachedShare * 100)} % of the members looked at hold detached DOM nodes`,
      ],
      against: [],
      remedy: {
        summary: `Let go of the nodes (here: ${group.owner.text}) when they are removed from the document.`,
        example: 'element.remove();\nelementsById.delete(id);',
      },
    };
  },
};
