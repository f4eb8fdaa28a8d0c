import type { StringTable } from '../../model/string-table.ts';
import { NOWHERE } from './address-index.ts';
import type { RubyClassNames } from './class-names.ts';
import type { EdgeTable } from './edge-table.ts';
import { EDGE } from './kinds.ts';
import type { NameTable } from './name-table.ts';
import { type DumpRecords, FROZEN, HAS_VALUE, SINGLETON } from './records.ts';
import type { Resolved } from './resolve.ts';
import { UNNAMED, type VariableNames } from './variable-names.ts';
import { TYPE } from './words.ts';

const MAX_PATH_CHARS = 1000;

/**
 * Names what classes and modules refer to. Ruby 3.1 and 3.3 mark in this order: superclass, method entries and caches
 * (IMEMO), instance and class variables, constants (each with the path of the file that sets it), the class's own name;
 * 3.1 has its name before the variables.
 */
export class ClassEdges {
  constructor(
    private readonly records: DumpRecords,
    private readonly resolved: Resolved,
    private readonly classNames: RubyClassNames,
    private readonly names: NameTable,
    private readonly values: StringTable,
    private readonly variables: VariableNames,
  ) {}

  /** @param list of variable names; -1 when the dump has none */
  label(node: number, table: EdgeTable, from: number, list: number): void {
    const { records, classNames, names } = this;
    const { type, flags } = records;
    const { kind, name, target } = table;
    const end = table.count;
    const path = classNames.pathOf(node);
    const superclass = this.superclassOf(node);
    const internal = (edge: number, text: string): void => {
      kind[edge] = EDGE.internal;
      name[edge] = names.numberOf(text);
    };

    let lastEngine = from - 1;
    let sawSuperclass = false;
    for (let edge = from; edge < end; edge++) {
      const at = target[edge]!;
      if (at === NOWHERE) continue;
      const what = type[at]!;
      if (what === TYPE.IMEMO) {
        internal(edge, records.words.texts[records.detail[at]!] ?? 'imemo');
        lastEngine = edge;
      } else if (at === superclass && !sawSuperclass) {
        internal(edge, 'superclass');
        sawSuperclass = true;
        lastEngine = edge;
      } else if (what === TYPE.ICLASS) {
        internal(edge, 'included');
        lastEngine = edge;
      } else if ((flags[node]! & SINGLETON) !== 0 && this.classOf(at) === node) {
        internal(edge, 'attached');
      }
    }

    let firstConstant = -1;
    let variableEnd = end;
    const zone = lastEngine + 1;
    let first = zone;
    for (let edge = zone; edge < end; edge++) {
      const at = target[edge]!;
      if (at === NOWHERE || kind[edge] === EDGE.internal) {
        if (edge === first) first++;
        continue;
      }
      const what = type[at]!;
      if (what === TYPE.STRING && (flags[at]! & (FROZEN | HAS_VALUE)) === (FROZEN | HAS_VALUE)) {
        const text = this.values.head(records.detail[at]!, MAX_PATH_CHARS);
        if (text === path) {
          internal(edge, 'classpath');
          if (edge === first) first++;
          else if (edge === end - 1) variableEnd = edge;
        } else if (isSourcePath(text)) {
          internal(edge, 'file');
          if (firstConstant < 0) firstConstant = edge;
        }
      } else if (what === TYPE.CLASS || what === TYPE.MODULE) {
        const constant = constantName(path, classNames.pathOf(at));
        if (constant === null) continue;
        kind[edge] = EDGE.property;
        name[edge] = names.numberOf(constant);
        if (firstConstant < 0) firstConstant = edge;
      }
    }
    if (list >= 0) this.nameVariables(table, first, variableEnd, firstConstant, list);
    // Counted without methods and caches, which come and go.
    for (let edge = from, slot = 0; edge < end; edge++) if (kind[edge] === EDGE.slot) name[edge] = slot++;
  }

  /** @param firstConstant first edge that surely belongs to the constants; -1 when there is none */
  private nameVariables(
    table: EdgeTable,
    from: number,
    end: number,
    firstConstant: number,
    list: number,
  ): void {
    const { kind, name } = table;
    const variables = this.variables.lengthOf(list);
    if (variables === 0) return;
    const most = Math.min(variables, (firstConstant < 0 ? end : firstConstant) - from);
    if (most <= 0) return;
    // What stands right before a constant's file may be that constant's value.
    const isFile = firstConstant >= 0 && kind[firstConstant] === EDGE.internal;
    const fewest = isFile && firstConstant - from <= variables ? most - 1 : most;
    const found = this.variables.inOrder(list, most, variables - fewest);
    for (let at = 0; at < most; at++) {
      if (found[at] === UNNAMED || kind[from + at] !== EDGE.slot) continue;
      kind[from + at] = EDGE.property;
      name[from + at] = found[at]!;
    }
  }

  private superclassOf(node: number): number {
    const address = this.records.classes.get(node)?.superclass ?? 0;
    return address === 0 ? NOWHERE : this.resolved.index.find(address);
  }

  private classOf(node: number): number {
    return this.resolved.classNodes[this.records.classOf[node]!] ?? NOWHERE;
  }
}

/** Name of the constant by which the module `path` holds a class; null when it is not among its constants. */
function constantName(path: string | null, held: string | null): string | null {
  if (held === null || path === null) return null;
  const cut = held.lastIndexOf('::');
  if (cut < 0) return path === 'Object' ? held : null;
  return held.slice(0, cut) === path ? held.slice(cut + 2) : null;
}

/** What Ruby notes as the place of a constant. */
function isSourcePath(text: string): boolean {
  return /\.(rb|ru|rake|erb|haml|slim|jbuilder|builder|gemspec|so)$|^\(eval|^\(irb\)$|^-e$|^<internal:|^(\/|\.\/).*\/[\w.-]+$/.test(
    text,
  );
}
