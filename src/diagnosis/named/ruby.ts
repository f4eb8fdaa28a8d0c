import type { Authorship } from '../authorship.ts';
import { knownRubyGrowth, RUBY_LIBRARIES, RUBY_RUNTIME } from '../known/ruby.ts';
import type { Tongue } from './tongue.ts';

const PLAIN = new Set([
  '',
  'Object',
  'BasicObject',
  'Hash',
  'Array',
  'String',
  'Set',
  'SortedSet',
  'Struct',
  'Proc',
  'Method',
  'UnboundMethod',
  'Thread::Queue',
  'Thread::SizedQueue',
  'Enumerator',
  'Enumerator::Lazy',
  'Concurrent::Map',
  'Concurrent::Hash',
  'Concurrent::Array',
  'ActiveSupport::HashWithIndifferentAccess',
]);

/** Ruby's own words. */
export const RUBY: Tongue = {
  runtime: 'ruby',
  known: knownRubyGrowth,
  engineText: 'the interpreter: methods, inline caches, constant tables',
  isPlain: (className) => PLAIN.has(className),
  authorOfClass(className): Authorship {
    // Whatever is top-level is the program's: its constants, the variables of `main`.
    if (className === 'Object') return 'user';
    const top = className.replace(/^#<Class:/, '').split('::')[0]!;
    if (RUBY_RUNTIME.has(top)) return 'runtime';
    return RUBY_LIBRARIES.has(top) ? 'library' : 'user';
  },
  collectionKind(className) {
    if (/^ObjectSpace::Weak(?:Key)?Map$/.test(className)) return 'weak';
    if (/^(?:Thread::)?(?:Sized)?Queue$/.test(className)) return 'list';
    if (className === 'Hash' || /(?:^|::)\w*(?:Hash|Map)\w*$/.test(className)) return 'Hash';
    if (className === 'Array' || className === 'Concurrent::Array') return 'Array';
    if (className === 'Set' || className === 'SortedSet') return 'Set';
    return null;
  },
  keyed: 'Hash',
  listed: 'Array',
  ownText(holder, name) {
    if (/^[A-Z]/.test(name)) return holder === 'Object' || holder === '' ? name : `${holder}::${name}`;
    if (/^one of /.test(name)) return `${holder} (${name})`;
    return `${holder}.${name}`;
  },
  fieldText: (className, name) => (/^one of /.test(name) ? `${className} (${name})` : `${className}#${name}`),
  scopeOf(holderKind, className, name) {
    if (holderKind === 'object') return className === 'Thread' ? 'thread-local' : 'instance';
    if (name.startsWith('@@')) return 'class-variable';
    return /^[A-Z]/.test(name) ? 'constant' : 'class';
  },
  isInnerField: (className, name) =>
    (className === 'Set' || className === 'SortedSet') && (name === '@hash' || name === ''),
};
