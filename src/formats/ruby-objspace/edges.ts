import type { StringTable } from '../../model/string-table.ts';
import { NOWHERE } from './address-index.ts';
import { ClassEdges } from './class-edges.ts';
import type { RubyClassNames } from './class-names.ts';
import { EdgeTable } from './edge-table.ts';
import { labelHash } from './hash-edges.ts';
import { EDGE } from './kinds.ts';
import type { NameTable } from './name-table.ts';
import type { RubyNames } from './names-file.ts';
import { type DumpRecords, NO_CLASS, OF_SET, SHARED, SINGLETON } from './records.ts';
import type { Resolved } from './resolve.ts';
import { UNNAMED, VariableNames } from './variable-names.ts';
import { TYPE } from './words.ts';

export interface EdgeParts {
  readonly records: DumpRecords;
  readonly resolved: Resolved;
  readonly classNames: RubyClassNames;
  readonly names: NameTable;
  readonly values: StringTable;
  readonly rubyNames: RubyNames | null;
  /** Nodes of the ROOT lines. */
  readonly roots: readonly number[];
  /** The node of the named globals; -1 when there is none. */
  readonly globals: number;
  /** The node of the threads that the names file tells; -1 when there is none. */
  readonly threads: number;
}

export interface Edges {
  readonly firstEdge: Uint32Array;
  readonly table: EdgeTable;
}

/** Writes the references of all nodes in the order of the dump and names them as far as it can be known. */
export function writeEdges(parts: EdgeParts): Edges {
  const { records, resolved, names, roots, globals, threads, rubyNames } = parts;
  const { count, type, classOf, referenceEnd } = records;
  const { targets, classNodes } = resolved;
  const table = new EdgeTable(targets.length + roots.length + 16);
  const firstEdge = new Uint32Array(count + 1);
  const holdsClass = classesToHold(parts);
  const labels = new Labels(parts, table);
  const classEdge = names.numberOf('class');
  const torn = resolved.dangling > 0;

  for (const root of roots) table.add(EDGE.slot, 0, root);
  if (globals >= 0) table.add(EDGE.slot, 0, globals);
  if (threads >= 0) table.add(EDGE.slot, 0, threads);
  firstEdge[1] = table.count;
  for (let node = 1; node < count; node++) {
    const from = table.count;
    const first = referenceEnd[node - 1]!;
    const last = referenceEnd[node]!;
    if (node === globals) {
      for (const edge of rubyNames?.edges ?? []) {
        const target = edge.kind === 'global' ? resolved.index.find(edge.to) : NOWHERE;
        if (target !== NOWHERE) table.add(EDGE.property, names.numberOf(edge.name), target);
      }
    } else if (node === threads) {
      for (const address of rubyNames?.threads ?? []) {
        const target = resolved.index.find(address);
        if (target !== NOWHERE) table.add(EDGE.slot, 0, target);
      }
    } else if (type[node] === TYPE.ROOT) {
      // Roots list what they hold as often as they come across it.
      for (const target of new Set(targets.subarray(first, last))) table.add(EDGE.slot, 0, target);
    } else if (last > first) {
      table.addSlots(targets, first, last);
      labels.of(node, from);
    }
    if (torn) table.dropTargets(NOWHERE, from);
    const number = classOf[node]!;
    if (number !== NO_CLASS && holdsClass[number] === 1 && type[node] !== TYPE.IMEMO)
      table.add(EDGE.internal, classEdge, classNodes[number]!);
    firstEdge[node + 1] = table.count;
  }
  return { firstEdge, table };
}

/**
 * By class number, whether objects have a reference to their class. The dump leaves it out. It is added where the class
 * may hang from its objects alone: singleton classes, classes without a name, and those that no constant and no root
 * holds any more (reloaded code). All others are held by a constant, and a reference from each object would only blur.
 */
function classesToHold({ records, resolved, classNames, roots }: EdgeParts): Uint8Array {
  const { classes, type, flags, referenceEnd } = records;
  const { targets, classNodes, index } = resolved;
  const held = new Set<number>();
  const note = (source: number, superclass: number): void => {
    for (let at = referenceEnd[source - 1]!; at < referenceEnd[source]!; at++) {
      const target = targets[at]!;
      if (target !== NOWHERE && target !== superclass && classes.has(target)) held.add(target);
    }
  };
  for (const root of roots) {
    if (records.words.texts[records.detail[root]!] !== 'machine_context') note(root, NOWHERE);
  }
  for (const [source, { superclass }] of classes) {
    if (type[source] !== TYPE.ICLASS && (flags[source]! & SINGLETON) === 0)
      note(source, superclass === 0 ? NOWHERE : index.find(superclass));
  }
  return Uint8Array.from(classNodes, (node) => {
    if (node === NOWHERE || !classes.has(node)) return 0;
    return (flags[node]! & SINGLETON) !== 0 || classNames.pathOf(node) === null || !held.has(node) ? 1 : 0;
  });
}

/** Names the references of one node after the other. */
class Labels {
  private readonly variables: VariableNames;
  private readonly classEdges: ClassEdges;
  private readonly layoutOfClass: Map<number, number> = new Map();
  private readonly localsOfEnv: Map<number, readonly string[]>;
  private readonly procStruct: number;
  private readonly methodStruct: number;
  private readonly isHashClass: Uint8Array;
  private readonly shared: number;
  private readonly defaultName: number;
  private readonly defaultProcName: number;
  private sizedAt = 0;

  constructor(
    private readonly parts: EdgeParts,
    private readonly table: EdgeTable,
  ) {
    const { records, resolved, names, values, classNames, rubyNames } = parts;
    this.variables = new VariableNames(records.shapes, names);
    this.classEdges = new ClassEdges(records, resolved, classNames, names, values, this.variables);
    this.procStruct = records.words.texts.indexOf('proc');
    this.methodStruct = records.words.texts.indexOf('method');
    this.shared = names.numberOf('shared');
    this.defaultName = names.numberOf('default');
    this.defaultProcName = names.numberOf('default_proc');
    this.isHashClass = Uint8Array.from(resolved.classNodes, (node) =>
      node !== NOWHERE && classNames.pathOf(node) === 'Hash' ? 1 : 0,
    );
    for (const [address, layout] of rubyNames?.layouts ?? []) {
      if (layout.length > 0)
        this.layoutOfClass.set(records.classAddresses.numberOf(address), this.variables.ofLayout(layout));
    }
    this.localsOfEnv = localsOfEnvs(parts);
  }

  /** @param from first of the node's edges, which are the last of the table */
  of(node: number, from: number): void {
    const { records } = this.parts;
    switch (records.type[node]) {
      case TYPE.OBJECT:
        this.object(node, from);
        break;
      case TYPE.HASH:
        this.hash(node, this.generic(node, from, this.entriesOf(node) * 2));
        break;
      case TYPE.ARRAY:
        this.array(node, from);
        break;
      case TYPE.STRING:
        this.string(node, from);
        break;
      case TYPE.STRUCT:
        this.struct(node, from);
        break;
      case TYPE.CLASS:
      case TYPE.MODULE:
      case TYPE.ICLASS:
        this.classEdges.label(node, this.table, from, this.listOf(node));
        break;
      case TYPE.IMEMO:
        this.engine(node, from);
        break;
      case TYPE.DATA:
        this.data(node, from);
        break;
    }
  }

  /** Names of the node's variables by its shape; -1 when the dump has no shapes or the shape no names. */
  private listOf(node: number): number {
    const shape = this.parts.records.shape?.[node] ?? 0;
    if (shape === 0) return -1;
    const list = this.variables.ofShape(shape - 1);
    return this.variables.lengthOf(list) === 0 ? -1 : list;
  }

  private object(node: number, from: number): void {
    const { classOf } = this.parts.records;
    let list = this.listOf(node);
    if (list < 0) list = this.layoutOfClass.get(this.realClassNumber(classOf[node]!)) ?? -1;
    if (list >= 0) this.variablesInOrder(list, from, this.table.count);
  }

  private struct(node: number, from: number): void {
    const { classOf } = this.parts.records;
    const list = this.layoutOfClass.get(this.realClassNumber(classOf[node]!)) ?? -1;
    if (list >= 0) this.variablesInOrder(list, from, this.table.count);
  }

  /** The layout of the class stands for objects with a singleton class too. */
  private realClassNumber(number: number): number {
    if (number === NO_CLASS || this.layoutOfClass.size === 0 || this.layoutOfClass.has(number)) return number;
    const { records, resolved, classNames } = this.parts;
    const node = resolved.classNodes[number] ?? NOWHERE;
    if (node === NOWHERE || (records.flags[node]! & SINGLETON) === 0) return number;
    const real = classNames.realClass(node);
    return real === NOWHERE ? number : records.classAddresses.numberOf(records.address[real]!);
  }

  private variablesInOrder(list: number, from: number, to: number): void {
    const references = to - from;
    const spare = this.variables.lengthOf(list) - references;
    if (spare < 0) return;
    const found = this.variables.inOrder(list, references, spare);
    const { kind, name } = this.table;
    const { texts } = this;
    for (let at = 0; at < references; at++) {
      const number = found[at]!;
      if (number === UNNAMED) continue;
      // Exceptions keep their message and backtrace under names that no program can use.
      kind[from + at] = texts.isVariable(number) ? EDGE.property : EDGE.internal;
      name[from + at] = number;
    }
  }

  private readonly texts = {
    known: new Map<number, boolean>(),
    isVariable: (number: number): boolean => {
      const { known } = this.texts;
      let is = known.get(number);
      if (is === undefined) {
        is = !/^(mesg|bt|bt_locations|cause|locals|__\w+__)$/.test(this.parts.names.textOf(number));
        known.set(number, is);
      }
      return is;
    },
  };

  /** Variables of what is no plain object come before its own references. Returns the first edge behind them. */
  private generic(node: number, from: number, own: number): number {
    const list = this.listOf(node);
    if (list < 0) return from;
    const variables = this.variables.lengthOf(list);
    const extra = this.table.count - from - own;
    // With immediates among the entries it cannot be told how many references are variables.
    if (extra !== variables && extra !== variables + 1) return from;
    this.variablesInOrder(list, from, from + variables);
    return from + variables;
  }

  private hash(node: number, from: number): void {
    const { records, resolved } = this.parts;
    const proc = records.defaultProcs.get(node);
    labelHash({
      target: this.table.target,
      kind: this.table.kind,
      name: this.table.name,
      from,
      to: this.table.count,
      size: this.entriesOf(node),
      defaultProc: proc === undefined ? NOWHERE : resolved.index.find(proc),
      isOfSet: (records.flags[node]! & OF_SET) !== 0,
      isPlainHash: records.classOf[node] === NO_CLASS || this.isHashClass[records.classOf[node]!] === 1,
      type: records.type,
      flags: records.flags,
      defaultName: this.defaultName,
      defaultProcName: this.defaultProcName,
    });
  }

  private array(node: number, from: number): void {
    const { flags } = this.parts.records;
    const { kind, name, count } = this.table;
    if ((flags[node]! & SHARED) !== 0) {
      const first = this.generic(node, from, 1);
      if (first < count) this.internal(count - 1, this.shared);
      return;
    }
    const first = this.generic(node, from, this.entriesOf(node));
    for (let edge = first; edge < count; edge++) {
      kind[edge] = EDGE.element;
      name[edge] = edge - first;
    }
  }

  private string(node: number, from: number): void {
    const isShared = (this.parts.records.flags[node]! & SHARED) !== 0;
    this.generic(node, from, isShared ? 1 : 0);
    if (isShared) this.internal(this.table.count - 1, this.shared);
  }

  private data(node: number, from: number): void {
    const { records, names } = this.parts;
    const struct = records.detail[node]!;
    const isProc = struct === this.procStruct;
    if (!isProc && struct !== this.methodStruct) return;
    for (let edge = from; edge < this.table.count; edge++) {
      const target = this.table.target[edge]!;
      if (target === NOWHERE) continue;
      const type = records.type[target]!;
      if (type === TYPE.IMEMO)
        this.internal(edge, names.numberOf(records.words.texts[records.detail[target]!] || 'imemo'));
      else if (isProc && edge === from) this.internal(edge, names.numberOf('self'));
      else if (!isProc && edge === from) this.internal(edge, names.numberOf('receiver'));
      else if (!isProc && records.classes.has(target)) this.internal(edge, names.numberOf('class'));
    }
  }

  private engine(node: number, from: number): void {
    const { records, names } = this.parts;
    const { kind, target, count } = this.table;
    let variables = 0;
    for (let edge = from; edge < count; edge++) {
      const at = target[edge]!;
      if (at === NOWHERE || records.type[at] !== TYPE.IMEMO) {
        variables++;
        continue;
      }
      this.internal(edge, names.numberOf(records.words.texts[records.detail[at]!] || 'imemo'));
    }
    const locals = this.localsOfEnv.get(node);
    if (!locals || variables === 0) return;
    const spare = locals.length - variables;
    if (spare < 0) return;
    const found = this.variables.inOrder(this.variables.ofLayout(locals), variables, spare);
    for (let edge = from, nth = 0; edge < count; edge++) {
      if (kind[edge] !== EDGE.slot) continue;
      const number = found[nth++]!;
      if (number === UNNAMED) continue;
      kind[edge] = EDGE.context;
      this.table.name[edge] = number;
    }
  }

  private internal(edge: number, name: number): void {
    this.table.kind[edge] = EDGE.internal;
    this.table.name[edge] = name;
  }

  /** Entries that the line tells; asked for in ascending order of nodes, 0 where it does not. */
  private entriesOf(node: number): number {
    const { sizedNode, sizedEntries, sizedCount } = this.parts.records;
    while (this.sizedAt < sizedCount && sizedNode[this.sizedAt]! < node) this.sizedAt++;
    return this.sizedAt < sizedCount && sizedNode[this.sizedAt] === node ? sizedEntries[this.sizedAt]! : 0;
  }
}

/** The variables of the environments of procs, where the names file lists them. */
function localsOfEnvs({ records, resolved, rubyNames }: EdgeParts): Map<number, readonly string[]> {
  const locals = new Map<number, readonly string[]>();
  const env = records.words.texts.indexOf('env');
  for (const [address, proc] of rubyNames?.procs ?? []) {
    if (proc.locals.length === 0) continue;
    const node = resolved.index.find(address);
    if (node === NOWHERE) continue;
    for (let at = records.referenceEnd[node - 1]!; at < records.referenceEnd[node]!; at++) {
      const target = resolved.targets[at]!;
      if (target === NOWHERE || records.type[target] !== TYPE.IMEMO || records.detail[target] !== env)
        continue;
      locals.set(target, proc.locals);
      break;
    }
  }
  return locals;
}
