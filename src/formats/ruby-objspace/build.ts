import type { HeapGraph, PartialRead } from '../../model/heap-graph.ts';
import { NOWHERE } from './address-index.ts';
import { rubyClassNames } from './class-names.ts';
import { newDescriber } from './describe.ts';
import { edgeCosts } from './edge-costs.ts';
import { writeEdges } from './edges.ts';
import { makeIds, textHash } from './identities.ts';
import { EDGE_KINDS, INDEXED_KINDS, NAMED_KINDS, NODE, NODE_KINDS } from './kinds.ts';
import type { LineParser } from './line-parser.ts';
import type { LineReader } from './line-reader.ts';
import { NameTable } from './name-table.ts';
import { nameEdges } from './named-edges.ts';
import type { RubyNames } from './names-file.ts';
import { nodeNames } from './node-names.ts';
import type { DumpRecords } from './records.ts';
import { type Resolved, resolve } from './resolve.ts';
import type { RubyFacts, RubyHeapGraph } from './ruby-facts.ts';
import { allocationTable, locationTable, Scripts } from './side-tables.ts';
import { warningsOf } from './warnings.ts';
import { TYPE } from './words.ts';

export interface DumpParts {
  readonly file: string;
  readonly records: DumpRecords;
  readonly parser: LineParser;
  readonly lines: LineReader;
  readonly names: RubyNames | null;
  readonly namesProblem: string | null;
  readonly partial: PartialRead | null;
}

/** What a thread takes without its stack. */
const THREAD_BYTES = 416;
/** Less than this share of the classes of a names file at their places: it belongs to another dump. */
const FEW_CLASSES_FIT = 0.5;

/** Makes the graph of what the lines said. The records are used up. */
export function buildGraph(parts: DumpParts): RubyHeapGraph {
  const { records, parser, lines } = parts;
  const roots: number[] = [];
  for (let node = 1; node < records.count; node++) if (records.type[node] === TYPE.ROOT) roots.push(node);

  const fits = parts.names === null || namesFit(parts.names, records);
  const rubyNames = fits ? parts.names : null;
  const namesProblem = fits
    ? parts.namesProblem
    : `${parts.names!.file} belongs to another dump: its addresses do not fit; not used`;
  const hasGlobals = rubyNames?.edges.some(({ kind }) => kind === 'global') ?? false;
  const globals = hasGlobals ? records.addSynthetic() : -1;
  const threads = rubyNames && rubyNames.threads.length > 0 ? records.addSynthetic() : -1;
  for (const node of [globals, threads]) if (node >= 0) records.address[node] = Number.NaN;
  records.address[0] = Number.NaN;

  if (rubyNames) lightenDumpThread(records, rubyNames);
  const resolved = resolve(records);
  const classNames = rubyClassNames(records, resolved, rubyNames);
  const names = new NameTable(records.values.count);
  const { kind: nodeKind, name: nodeName } = nodeNames(records, resolved, classNames, names);
  if (globals >= 0) nodeName[globals] = names.numberOf('(globals)');
  if (threads >= 0) nodeName[threads] = names.numberOf('(threads)');
  // Values can be read before the table is complete: what is added later stands behind them.
  const strings = records.values.table(names.texts);
  const edgeParts = {
    records,
    resolved,
    classNames,
    names,
    values: strings,
    rubyNames,
    roots,
    globals,
    threads,
  };
  const edges = writeEdges(edgeParts);
  nameEdges(edgeParts, edges);

  const scripts = new Scripts();
  const locations = locationTable(rubyNames, resolved.index, scripts);
  const allocations = allocationTable(records, parser, names, scripts);
  const ruby = rubyFacts(records, resolved, nodeName, nodeKind, names, classNames);
  const { count } = records;
  const classHash = new Map<number, number>();
  const nodeId = makeIds(records, resolved.index, [globals, threads], (node) => {
    if (nodeKind[node] === NODE.string || nodeKind[node] === NODE.symbol) return 0;
    const name = nodeName[node]!;
    let hash = classHash.get(name);
    if (hash === undefined) {
      hash = textHash(names.textOf(name));
      classHash.set(name, hash);
    }
    return hash;
  });

  const { table, firstEdge } = edges;
  const graph: Omit<RubyHeapGraph, 'traversal' | 'newDescriber' | 'strings'> = {
    runtime: 'ruby',
    format: 'ruby-objspace',
    file: parts.file,
    nodeCount: count,
    edgeCount: table.count,
    nodeKinds: NODE_KINDS,
    edgeKinds: EDGE_KINDS,
    nodeKind,
    nodeName,
    nodeId,
    idKind: 'address',
    selfBytes: fitted(records.memsize, count),
    detachedness: new Uint8Array(count),
    firstEdge,
    edgeKind: fitted(table.kind, table.count),
    edgeName: fitted(table.name, table.count),
    edgeTarget: fitted(table.target, table.count),
    indexedEdgeKinds: INDEXED_KINDS,
    locations,
    allocations,
    samples: null,
    extraNativeBytes: 0,
    partial: parts.partial,
    warnings: warningsOf({
      lines,
      dangling: resolved.dangling,
      hasShapes: records.shapes.size > 0,
      names: rubyNames,
      namesProblem,
    }),
    process: rubyNames?.process ?? null,
    namedKinds: NAMED_KINDS,
    scripts,
    ruby,
  };
  const described = { ...graph, strings: records.values.table(names.texts) };
  const traversal: HeapGraph['traversal'] = {
    // Conservative stacks may hold by chance: what only they hold counts as the engine's.
    isUserRoot: (node) => names.textOf(nodeName[node]!) !== '(machine_context)',
    newFilter: () => () => true,
    newCost: () => edgeCosts(described),
  };
  const whole = { ...described, traversal };
  return { ...whole, newDescriber: () => newDescriber(whole) };
}

/**
 * In the forked child one thread is alive, and only of that one the stack counts: the thread that writes the dump. It is no part of the
 * service, was started for the dump, and would be growth of a megabyte wherever the first dump was written from another one.
 */
function lightenDumpThread(records: DumpRecords, { threads }: RubyNames): void {
  if (threads.length === 0) return;
  const told = new Set(threads);
  const struct = records.words.texts.indexOf('VM/thread');
  for (let node = 1; node < records.count; node++) {
    if (records.type[node] !== TYPE.DATA || records.detail[node] !== struct) continue;
    if (!told.has(records.address[node]!) && records.memsize[node]! > THREAD_BYTES)
      records.memsize[node] = THREAD_BYTES;
  }
}

/** True when enough of the classes that the file speaks of stand where it says. */
function namesFit(names: RubyNames, records: DumpRecords): boolean {
  if (names.classes.size === 0) return true;
  const addresses = new Set<number>();
  for (const node of records.classes.keys()) addresses.add(records.address[node]!);
  let found = 0;
  for (const address of names.classes.keys()) if (addresses.has(address)) found++;
  return found >= names.classes.size * FEW_CLASSES_FIT;
}

function rubyFacts(
  records: DumpRecords,
  { classNodes }: Resolved,
  nodeName: Uint32Array,
  nodeKind: Uint8Array,
  names: NameTable,
  classNames: ReturnType<typeof rubyClassNames>,
): RubyFacts {
  const setNames = new Set<number>();
  classNodes.forEach((node, number) => {
    if (node !== NOWHERE && classNames.inherits(number, 'Set'))
      setNames.add(names.numberOf(classNames.ofInstances(number)));
  });
  const classByName = new Map<number, number>();
  const modules = new Set<number>();
  for (const node of records.classes.keys()) {
    if (records.type[node] === TYPE.MODULE) modules.add(node);
    if (nodeKind[node] === NODE.class && !classByName.has(nodeName[node]!))
      classByName.set(nodeName[node]!, node);
  }
  return {
    type: fitted(records.type, records.count),
    setNames,
    sizedNode: fitted(records.sizedNode, records.sizedCount),
    sizedEntries: fitted(records.sizedEntries, records.sizedCount),
    spareBytes: records.spareBytes,
    classByName,
    modules,
  };
}

function fitted<T extends Uint8Array | Uint32Array | Float64Array>(array: T, length: number): T {
  return array.length === length ? array : (array.subarray(0, length) as T);
}
