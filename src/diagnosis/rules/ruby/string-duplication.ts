import { rubyCode } from '../../named/ruby-code.ts';
import type { Rule } from '../rule.ts';
import { inferNames } from './unbounded-collection.ts';

/** Most of what grows is strings that say the same again and again. */
export const stringDuplication: Rule = {
  id: 'string-duplication',
  runtime: 'ruby',
  pattern: 'string-duplication',
  match({ group, members, source }) {
    if (members.samples < 8 || members.duplicateShare < 0.6) return null;
    const share = Math.round(members.duplicateShare * 100);
    return {
      // Something keeps the strings: that it does is the cause, that they are equal makes it dearer.
      fit: group.owner.isNamed ? 0.7 : 0.85,
      title: `${group.owner.text} keeps the same strings again and again`,
      adds: null,
      code: inferNames(group.owner, source)?.code ?? rubyCode(group.owner, members.keyPatterns, source),
      reasons: [`${share} % of the bytes sampled are strings that another string there repeats`],
      against: [],
      remedy: {
        summary:
          'Freeze literals (# frozen_string_literal: true), and intern what comes from outside with -string or a Symbol.',
        example: 'status = -row["status"]   # one frozen copy for all equal strings',
      },
    };
  },
};
