import { collectionCode } from '../collection-code.ts';
import type { Rule } from '../rule.ts';

/** A short substring keeps the whole text that it was cut from. */
export const sliceRetention: Rule = {
  id: 'slice-retention',
  runtime: 'node',
  pattern: 'slice-retention',
  match({ group, members }) {
    const sliced = group.sites.some((site) => site.shape.text === '(sliced string)');
    if (members.slicedShare < 0.5 || (!sliced && members.slicedShare < 0.7)) return null;
    return {
      fit: 0.93,
      title: 'Short pieces of text keep the long texts that they were cut from',
      adds: null,
      code: collectionCode(group.owner),
      reasons: [
        `${Math.round(members.slicedShare * 100)} % of the bytes below the members are parents of sliced strings`,
      ],
      against: [],
      remedy: {
        summary: 'Copy the piece before it is kept, so that the text it was cut from can go.',
        example: 'const copy = Buffer.from(piece, "utf8").toString("utf8");\nkept.add(copy);',
      },
    };
  },
};
