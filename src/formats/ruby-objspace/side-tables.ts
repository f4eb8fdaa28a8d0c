import type { AllocationTable, LocationTable, ScriptTable } from '../../model/heap-graph.ts';
import type { AddressIndex } from './address-index.ts';
import { NOWHERE } from './address-index.ts';
import type { LineParser } from './line-parser.ts';
import type { NameTable } from './name-table.ts';
import type { RubyNames } from './names-file.ts';
import type { DumpRecords } from './records.ts';

/** As V8's trace functions: id, name, script name, script id, line, column. Lines from 1, as V8 has them there too. */
const FUNCTION_STRIDE = 6;

/** Numbers source files; 0 is none. */
export class Scripts implements ScriptTable {
  private readonly paths: string[] = [''];
  private readonly known: Map<string, number> = new Map();

  numberOf(path: string): number {
    let number = this.known.get(path);
    if (number === undefined) {
      number = this.paths.push(path) - 1;
      this.known.set(path, number);
    }
    return number;
  }

  pathOf(scriptId: number): string | null {
    return this.paths[scriptId] || null;
  }

  sourceMapUrlOf(): null {
    return null;
  }
}

/** Where classes and procs are written, from the names file. */
export function locationTable(
  rubyNames: RubyNames | null,
  index: AddressIndex,
  scripts: Scripts,
): LocationTable {
  const found = new Map<number, { file: string; line: number }>();
  for (const written of [rubyNames?.classes ?? [], rubyNames?.procs ?? []]) {
    for (const [address, { file, line }] of written) {
      const node = index.find(address);
      if (node !== NOWHERE && file !== null && line >= 1) found.set(node, { file, line });
    }
  }
  const node = Uint32Array.from(found.keys()).sort();
  const table = {
    node,
    scriptId: new Uint32Array(node.length),
    line: new Uint32Array(node.length),
    column: new Uint32Array(node.length),
  };
  node.forEach((at, row) => {
    const { file, line } = found.get(at)!;
    table.scriptId[row] = scripts.numberOf(file);
    table.line[row] = line - 1;
  });
  return table;
}

/** Allocation sites of a traced dump, as stacks of one frame; null when nothing was traced. */
export function allocationTable(
  { site, count, words }: DumpRecords,
  { sites }: LineParser,
  names: NameTable,
  scripts: Scripts,
): AllocationTable | null {
  if (!site || sites.count === 0) return null;
  const frames = sites.all();
  const functions = new Uint32Array(sites.count * FUNCTION_STRIDE);
  for (let at = 0; at < sites.count; at++) {
    const path = words.texts[frames[at * 3]!]!;
    const method = words.texts[frames[at * 3 + 1]!] || '(no method)';
    const line = frames[at * 3 + 2]!;
    functions.set(
      [at + 1, names.numberOf(method), names.numberOf(path), scripts.numberOf(path), line, 0],
      at * FUNCTION_STRIDE,
    );
  }
  return {
    traceOfNode: site.length === count ? site : site.subarray(0, count),
    parent: new Uint32Array(sites.count + 1),
    functionOf: Uint32Array.from({ length: sites.count + 1 }, (_, trace) => Math.max(0, trace - 1)),
    functions,
    functionStride: FUNCTION_STRIDE,
  };
}
