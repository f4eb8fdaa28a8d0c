import { NOWHERE } from './address-index.ts';
import type { RubyNames } from './names-file.ts';
import { type DumpRecords, NO_CLASS, SINGLETON } from './records.ts';
import type { Resolved } from './resolve.ts';
import { TYPE } from './words.ts';

const MAX_ANCESTORS = 10_000;
const UNKNOWN = '(unknown class)';

/** Names of the classes of one dump. */
export interface RubyClassNames {
  /** Own name of a class, module or included module: `TaskService`, `#<Class:TaskService>`, `(anonymous < Array)`. */
  ofClass(node: number): string;
  /** Class name of the instances of a class number. */
  ofInstances(classNumber: number): string;
  /** True when the class number is the named class or inherits from it. */
  inherits(classNumber: number, name: string): boolean;
  /** The class that a programmer would name: not singleton, not an included module. NOWHERE where there is none. */
  realClass(node: number): number;
  /** Name by which constants refer to the node; null for what has none. */
  pathOf(node: number): string | null;
}

export function rubyClassNames(
  records: DumpRecords,
  { index, classNodes }: Resolved,
  names: RubyNames | null,
): RubyClassNames {
  const { classes, type, flags, classOf } = records;
  const superOf = (node: number): number => {
    const address = classes.get(node)?.superclass ?? 0;
    return address === 0 ? NOWHERE : index.find(address);
  };
  const pathOf = (node: number): string | null => {
    const record = classes.get(node);
    if (!record || type[node] === TYPE.ICLASS || isSingleton(node)) return null;
    return names?.classes.get(records.address[node]!)?.name ?? record.name;
  };
  const isSingleton = (node: number): boolean => (flags[node]! & SINGLETON) !== 0;

  const attached = attachedObjects(records, classNodes);
  const realClass = (node: number): number => {
    let at = node;
    for (let steps = 0; at !== NOWHERE && steps < MAX_ANCESTORS; steps++) {
      if (type[at] === TYPE.CLASS && !isSingleton(at)) return at;
      at = superOf(at);
    }
    return NOWHERE;
  };

  /** Nearest ancestor that has a name. */
  const namedAncestor = (node: number): string => {
    let at = superOf(node);
    for (let steps = 0; at !== NOWHERE && steps < MAX_ANCESTORS; steps++) {
      const path = pathOf(at);
      if (path !== null) return path;
      at = superOf(at);
    }
    return 'Object';
  };

  const known = new Map<number, string>();
  const ofClass = (node: number): string => {
    let name = known.get(node);
    if (name === undefined) {
      name = classText(node);
      known.set(node, name);
    }
    return name;
  };
  const classText = (node: number): string => {
    const path = pathOf(node);
    if (path !== null) return path;
    if (type[node] === TYPE.MODULE) return '(anonymous module)';
    if (type[node] === TYPE.ICLASS) {
      const module = classOf[node] === NO_CLASS ? NOWHERE : classNodes[classOf[node]!]!;
      const moduleName = module === NOWHERE ? null : pathOf(module);
      return `(included ${moduleName ?? 'module'})`;
    }
    if (!isSingleton(node)) return `(anonymous < ${namedAncestor(node)})`;
    const object = attached.get(node);
    if (object === undefined) return `#<Class:#<${nameOfReal(superOf(node))}>>`;
    if (classes.has(object)) return `#<Class:${pathOf(object) ?? ofClass(object)}>`;
    return `#<Class:#<${nameOfReal(node)}>>`;
  };
  const nameOfReal = (node: number): string => {
    const real = node === NOWHERE ? NOWHERE : realClass(node);
    return real === NOWHERE ? UNKNOWN : ofClass(real);
  };

  const instances = new Map<number, string>();
  const ofInstances = (classNumber: number): string => {
    if (classNumber === NO_CLASS) return UNKNOWN;
    let name = instances.get(classNumber);
    if (name === undefined) {
      name = nameOfReal(classNodes[classNumber]!);
      instances.set(classNumber, name);
    }
    return name;
  };

  const inherits = (classNumber: number, wanted: string): boolean => {
    let at = classNumber === NO_CLASS ? NOWHERE : classNodes[classNumber]!;
    for (let steps = 0; at !== NOWHERE && steps < MAX_ANCESTORS; steps++) {
      if (pathOf(at) === wanted) return true;
      at = superOf(at);
    }
    return false;
  };
  return { ofClass, ofInstances, inherits, realClass, pathOf };
}

/**
 * What each singleton class is the class of. A class has a singleton class of its own, but the singleton class of that is
 * shared, so classes that are no singletons themselves decide.
 */
function attachedObjects(
  { count, classOf, flags, classes }: DumpRecords,
  classNodes: Uint32Array,
): Map<number, number> {
  const attached = new Map<number, number>();
  const isSingletonClass = Uint8Array.from(classNodes, (node) =>
    node !== NOWHERE && (flags[node]! & SINGLETON) !== 0 ? 1 : 0,
  );
  for (let node = 0; node < count; node++) {
    const number = classOf[node]!;
    if (number === NO_CLASS || isSingletonClass[number] === 0 || (flags[node]! & SINGLETON) !== 0) continue;
    const singleton = classNodes[number]!;
    // An included module has the class of what it includes: the module itself decides.
    if (classes.has(node) || !attached.has(singleton)) attached.set(singleton, node);
  }
  return attached;
}
