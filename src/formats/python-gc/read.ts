import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import type { HeapGraph, LocationTable, PartialRead } from '../../model/heap-graph.ts';
import { MISSING } from './address-table.ts';
import { eachBlock, invalid } from './blocks.ts';
import { rememberClasses } from './collections.ts';
import { newPythonDescriber } from './describe.ts';
import { type PythonHeapGraph, processFacts, pythonFacts } from './facts.ts';
import { listOf, numberOf, recordOf, textOf } from './json-part.ts';
import { EDGE, EDGE_KINDS, NODE_KINDS } from './kinds.ts';
import { linkedEdges } from './link.ts';
import { numberObjects, type Objects } from './objects.ts';
import { RawDump } from './raw.ts';
import { References } from './references.ts';
import { moduleNames, ownAddresses, toldRoots } from './roots.ts';
import { StringPool } from './string-pool.ts';
import { pythonTraversal } from './traversal.ts';

export interface ReadOptions extends LongCall {
  /** Use the readable part of a truncated or damaged file. */
  partial?: boolean;
}

/** From this share of references to unknown objects on, a dump is called torn. */
const TORN_SHARE = 0.001;

/**
 * Reads a dump of the Python agent (`docs/formats/python-gc.md`). Beside the graph there is what the agent knew of the
 * interpreter: caches, tasks, the collector (`graph.python`).
 *
 * @throws FormatError with the byte offset and what was expected there
 * @example
 * import { openFile, readPythonGc } from 'stanch';
 *
 * const graph = await readPythonGc(openFile('C.pygc'));
 * process.stdout.write(`${graph.nodeCount} objects, ${graph.python.lruCaches.length} caches\n`);
 */
export async function readPythonGc(source: ByteSource, options: ReadOptions = {}): Promise<PythonHeapGraph> {
  const raw = new RawDump(source.name);
  let damage: FormatError | null = null;
  try {
    await eachBlock(source, options, (block) => raw.take(block));
    checkEnd(raw, source.name);
  } catch (error) {
    if (!(options.partial && error instanceof FormatError && raw.objectCount > 0)) throw error;
    damage = error;
  }
  options.signal?.throwIfAborted();
  options.onProgress?.('link', 0, 0);
  return build(raw, source.name, damage);
}

/** The closing block repeats what was written: a file that lost a piece in between does not agree. */
function checkEnd(raw: RawDump, file: string): void {
  const end = recordOf(raw.end?.value);
  for (const [name, told, found] of [
    ['objects', end.objects, raw.objectCount],
    ['references', end.references, raw.referenceCount],
    ['blocks', end.blocks, raw.blockCount],
  ] as const) {
    if (told !== found)
      throw invalid(file, raw.endOffset, `${String(told)} ${name}, as the closing block says`, `${found}`);
  }
  if (!raw.extra) throw invalid(file, raw.endOffset, 'a block of roots before the closing block');
}

function build(raw: RawDump, file: string, damage: FormatError | null): PythonHeapGraph {
  const strings = new StringPool();
  const objects = numberObjects(raw, strings, ownOrdinals(raw), moduleNames(raw));
  const roots = toldRoots(raw, objects, strings);
  for (const row of listOf(recordOf(recordOf(raw.extra?.value).facts).frames))
    nameFrame(row, objects, strings);
  const references = new References(raw, objects, strings);
  const linked = linkedEdges(raw, objects, strings, roots, references);
  const facts = pythonFacts(raw, objects, linked.looseCycles, references.losses.dangling);
  const { scripts, locations } = places(objects);
  const parts: Omit<HeapGraph, 'newDescriber' | 'traversal'> = {
    runtime: 'python',
    format: 'python-gc',
    file,
    nodeCount: objects.nodeCount,
    edgeCount: linked.edgeKind.length,
    nodeKinds: NODE_KINDS,
    edgeKinds: EDGE_KINDS,
    nodeKind: objects.nodeKind,
    nodeName: objects.nodeName,
    nodeId: objects.nodeId,
    idKind: 'address',
    selfBytes: objects.selfBytes,
    detachedness: new Uint8Array(objects.nodeCount),
    firstEdge: linked.firstEdge,
    edgeKind: linked.edgeKind,
    edgeName: linked.edgeName,
    edgeTarget: linked.edgeTarget,
    indexedEdgeKinds: 1 << EDGE.element,
    strings,
    locations,
    allocations: null,
    samples: null,
    extraNativeBytes: 0,
    partial: damage ? partialRead(raw, damage) : null,
    warnings: warningsOf(raw, references, facts.mode),
    process: processFacts(raw),
    namedKinds: new Set(['object', 'class', 'module', 'closure']),
    scripts: { pathOf: (id) => scripts[id] ?? null, sourceMapUrlOf: () => null },
  };
  rememberClasses(objects.nodeKind, objects);
  const graph = { ...parts, traversal: pythonTraversal(parts), python: facts };
  return { ...graph, newDescriber: () => newPythonDescriber(graph, objects, facts.lruCaches) };
}

function ownOrdinals(raw: RawDump): Set<number> {
  const own = new Set<number>();
  const wanted = new Set(ownAddresses(raw));
  if (wanted.size === 0) return own;
  for (const { first, count, addresses } of raw.objects) {
    for (let nth = 0; nth < count; nth++)
      if (wanted.has(addresses[nth * 2 + 1]! * 2 ** 32 + addresses[nth * 2]!)) own.add(first + nth);
  }
  return own;
}

/** Frames that are no longer running: those of tracebacks. */
function nameFrame(row: unknown, objects: Objects, strings: StringPool): void {
  const [address, name, file, line] = listOf(row);
  const ordinal = objects.table.findAddress(numberOf(address));
  const node = ordinal === MISSING ? undefined : objects.nodeOf[ordinal];
  if (node === undefined || node >= objects.nodeCount) return;
  objects.nodeName[node] = strings.index(`frame ${textOf(name)}`);
  if (textOf(file) !== '' && numberOf(line) > 0)
    objects.places.set(node, { file: textOf(file), line: numberOf(line) });
}

function places(objects: Objects): { scripts: string[]; locations: LocationTable } {
  const scripts: string[] = [];
  const idOf = new Map<string, number>();
  const nodes = [...objects.places.keys()].sort((a, b) => a - b);
  const locations = {
    node: Uint32Array.from(nodes),
    scriptId: new Uint32Array(nodes.length),
    line: new Uint32Array(nodes.length),
    column: new Uint32Array(nodes.length),
  };
  nodes.forEach((node, at) => {
    const { file, line } = objects.places.get(node)!;
    let id = idOf.get(file);
    if (id === undefined) {
      id = scripts.push(file) - 1;
      idOf.set(file, id);
    }
    locations.scriptId[at] = id;
    locations.line[at] = line - 1;
  });
  return { scripts, locations };
}

function partialRead(raw: RawDump, damage: FormatError): PartialRead {
  const missing = raw.extra
    ? 'the closing block'
    : 'the roots (modules, threads, frames) and an unknown number of objects';
  return { offset: damage.offset, reason: damage.message, missing };
}

function warningsOf(raw: RawDump, { losses }: References, mode: string): string[] {
  const warnings: string[] = [];
  if (losses.total > 0 && losses.dangling / losses.total > TORN_SHARE) {
    const share = ((losses.dangling / losses.total) * 100).toFixed(1);
    warnings.push(
      `torn: ${losses.dangling.toLocaleString('en-US')} references (${share} %) lead to objects that are not in the dump${
        mode === 'process' ? '; it was written while the service went on' : ''
      }`,
    );
  }
  const errors = numberOf(recordOf(raw.end?.value).errors);
  if (errors > 0) warnings.push(`${errors} blocks of objects were written without names of their references`);
  if (recordOf(recordOf(raw.header?.value).gc).enabled === false)
    warnings.push('the garbage collector is off: cycles are never freed');
  return warnings;
}
