import { collectionCode, making } from '../collection-code.ts';
import type { Rule } from '../rule.ts';

/** Memory outside the JavaScript heap that small objects inside it keep. */
export const nativeGrowth: Rule = {
  id: 'native-growth',
  runtime: 'node',
  pattern: 'native-growth',
  match({ group, members }) {
    if (members.nativeShare < 0.5) return null;
    const held = group.owner.collectionKind !== 'other';
    return {
      fit: held ? 0.7 : 0.85,
      title: `Native memory (buffers, handles) is kept by ${group.owner.text}`,
      adds: null,
      code: { ...collectionCode(group.owner), makes: making(members.classes) },
      reasons: [
        `${Math.round(members.nativeShare * 100)} % of the bytes below the members are native memory`,
      ],
      against: [],
      remedy: {
        summary:
          'Drop the buffers when they are done with, copy the part that is needed out of a large one, and close handles.',
        example: 'const header = Buffer.from(packet.subarray(0, 16));  // not the whole packet',
      },
    };
  },
};
