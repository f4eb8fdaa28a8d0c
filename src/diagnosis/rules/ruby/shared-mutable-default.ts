import { rubyCode } from '../../named/ruby-code.ts';
import { keyReasons } from '../of-members.ts';
import { literally, type Rule } from '../rule.ts';
import { inferNames } from './unbounded-collection.ts';

/**
 * A default argument that names an object which outlives the call: `def search(q, options = DEFAULTS)`. A literal default
 * (`options = {}`) is made anew in each call and never matches.
 */
export const sharedMutableDefault: Rule = {
  id: 'shared-mutable-default',
  runtime: 'ruby',
  pattern: 'shared-mutable-default',
  match({ group, members, source }) {
    const { owner } = group;
    if (!source) return null;
    const names = (inferNames(owner, source)?.names ?? [owner.name])
      .map((name) => name.replace(/^@{1,2}/, ''))
      .filter((name) => /^\w+$/.test(name));
    if (names.length === 0) return null;
    const asDefault = new RegExp(
      `\\bdef\\s+[\\w.?!]+(?:\\s*\\(|\\s+(?!=))[^)]*\\b(\\w+)(?::\\s*|\\s*=\\s*)(?:self\\.class\\.|self\\.|[A-Z][\\w:]*(?:\\.|::))?@{0,2}(${names.map(literally).join('|')})\\s*(?:[,)]|$)`,
    );
    const found = source.search(asDefault)[0];
    if (!found) return null;
    const [, , name] = asDefault.exec(found.text)!;
    const parameter = asDefault.exec(found.text)![1]!;
    const { adds, removes } = rubyCode({ ...owner, name: parameter });
    return {
      fit: 0.93,
      title: `The default of \`${parameter}\` is ${owner.text} itself: each call without it adds to one shared object`,
      adds: null,
      code: { adds, removes, within: new RegExp(literally(found.text)) },
      reasons: [
        `${found.file}:${found.line} gives ${parameter} the object that ${name} names, and each call gets the same one`,
        ...keyReasons(members),
      ],
      against: [],
      remedy: {
        summary: 'Freeze the shared object, and copy it where it is to be changed.',
        example:
          'def search(query, options = DEFAULTS)\n  options = options.dup   # or DEFAULTS.merge(options)',
      },
    };
  },
};
