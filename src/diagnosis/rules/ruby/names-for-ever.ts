import { TABLE_OF_NAMES } from '../../named/ruby-places.ts';
import type { Rule } from '../rule.ts';

/** Symbols that became names of methods, variables or constants: the interpreter never frees those. */
export const namesForEver: Rule = {
  id: 'names-for-ever',
  runtime: 'ruby',
  pattern: 'unbounded-collection',
  match({ group }) {
    if (!group.owner.text.startsWith(TABLE_OF_NAMES)) return null;
    return {
      fit: 0.92,
      title: 'Ever new names of methods or variables are made at run time, and Ruby never frees a name',
      adds: null,
      code: {
        adds: [
          /\b(?:define_method|define_singleton_method|instance_variable_set|class_variable_set|const_set)\b/,
          /\b(?:class_eval|module_eval|instance_eval)\b/,
        ],
        removes: [],
      },
      reasons: ['a Symbol that was once used as a name is kept for the life of the process'],
      against: [],
      remedy: {
        summary: 'Keep what varies in a Hash by String instead of in names of methods or variables.',
        example: '@settings[user_id] = value   # not instance_variable_set("@user_#{user_id}", value)',
      },
    };
  },
};
