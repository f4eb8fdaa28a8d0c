import type { Owner } from '../dialect.ts';
import { type CodeHints, literally } from './rule.ts';

/** Lines of code that put members into a collection of this name, or take them out. */
export function collectionCode(owner: Owner): CodeHints {
  if (owner.name === '' || /[^\w$#]/.test(owner.name)) return { adds: [], removes: [] };
  const name = `(?:^|[^\\w$#])${literally(owner.name)}`;
  const call = (methods: string) =>
    new RegExp(`${name}\\s*(?:\\?\\.|\\.|\\[[^\\]]*\\]\\s*\\.)\\s*(?:${methods})\\s*\\(`);
  const indexed = new RegExp(`${name}\\s*\\[[^\\]]+\\]\\s*(?:\\|\\||\\?\\?)?=(?!=)`);
  const rebuilt = new RegExp(`${name}\\s*[:=][^=].*\\.\\.\\.`);
  const grows = new RegExp(`${name}\\s*(?:\\+=|=[^=].*\\.concat\\s*\\()`);
  const deletes = new RegExp(`\\bdelete\\s+[\\w.$#]*${literally(owner.name)}\\s*\\[`);
  switch (owner.collectionKind) {
    case 'Map':
      return { adds: [call('set'), rebuilt], removes: [call('delete|clear')] };
    case 'Set':
      return { adds: [call('add'), rebuilt], removes: [call('delete|clear')] };
    case 'Array':
      return {
        adds: [call('push|unshift|splice'), rebuilt, grows, indexed],
        removes: [call('pop|shift|splice')],
      };
    case 'Object':
      return { adds: [indexed, rebuilt], removes: [deletes] };
    default:
      return {
        adds: [call('push|unshift|set|add|enqueue|append'), grows, indexed],
        removes: [call('delete|clear|pop|shift')],
      };
  }
}

/** Lines of code that make instances of the members' classes. */
export function making(classes: readonly { readonly name: string }[]): RegExp[] {
  return classes
    .filter(({ name }) => /^[\w$]+$/.test(name))
    .map(({ name }) => new RegExp(`\\bnew\\s+${literally(name)}\\s*\\(`));
}
