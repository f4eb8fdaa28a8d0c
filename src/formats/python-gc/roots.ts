import { MISSING } from './address-table.ts';
import { listOf, numberOf, recordOf, textOf } from './json-part.ts';
import { EDGE, nodeKindNumber } from './kinds.ts';
import {
  ASYNCIO,
  FIRST_OBJECT,
  FRAMES,
  MODULES,
  NO_NODE,
  type Objects,
  OTHER,
  THREADS,
  TYPES,
} from './objects.ts';
import type { RawDump } from './raw.ts';
import type { StringPool } from './string-pool.ts';

/** References out of the synthetic groups, one list a group, and local variables of running frames. */
export interface RootEdges {
  readonly of: RootEdge[][];
  /** From frames to local variables: they are no objects' own references. */
  readonly locals: { readonly source: number; readonly name: number; readonly target: number }[];
  /** What the function that brought the agent in had: it is no part of the service, and is held by nothing. */
  readonly guest: number[];
}

export interface RootEdge {
  readonly kind: number;
  readonly name: number;
  readonly target: number;
}

/** Names of modules by address, and the ordinals that belong to the agent. */
export function moduleNames(raw: RawDump): Map<number, string> {
  const names = new Map<number, string>();
  for (const row of listOf(recordOf(recordOf(raw.extra?.value).roots).modules)) {
    const [name, address] = listOf(row);
    // `__main__` often has a second name; the first is the one it was imported by.
    if (!names.has(numberOf(address))) names.set(numberOf(address), textOf(name));
  }
  return names;
}

export function ownAddresses(raw: RawDump): readonly number[] {
  return listOf(recordOf(recordOf(raw.extra?.value).roots).own).map(numberOf);
}

/** What the agent knew to be roots: modules, threads, and frames with their local variables. */
export function toldRoots(raw: RawDump, objects: Objects, strings: StringPool): RootEdges {
  const roots = recordOf(recordOf(raw.extra?.value).roots);
  const edges: RootEdges = { of: Array.from({ length: FIRST_OBJECT }, () => []), locals: [], guest: [] };
  const nodeAt = nodeFinder(objects);
  const add = (group: number, name: string, target: number, kind: number): void => {
    if (target !== NO_NODE) edges.of[group]!.push({ kind, name: strings.index(name), target });
  };
  for (const row of listOf(roots.modules)) {
    const [name, address] = listOf(row);
    add(MODULES, textOf(name), nodeAt(numberOf(address)), EDGE.property);
  }
  for (const row of listOf(roots.interpreter)) {
    const [name, address] = listOf(row);
    add(MODULES, textOf(name), nodeAt(numberOf(address)), EDGE.internal);
  }
  for (const thread of listOf(roots.threads).map(recordOf)) {
    const threadName = textOf(thread.name) || `thread ${numberOf(thread.ident)}`;
    add(THREADS, threadName, nodeAt(numberOf(thread.object)), EDGE.internal);
    for (const row of listOf(thread.frames)) {
      const [address, name, file, line, locals] = listOf(row);
      const frame = nodeAt(numberOf(address));
      if (textOf(name) === GUEST) {
        edges.guest.push(frame, ...listOf(locals).map((local) => nodeAt(numberOf(listOf(local)[1]))));
        continue;
      }
      add(FRAMES, `${threadName}: ${textOf(name)}`, frame, EDGE.internal);
      const source = frame === NO_NODE ? FRAMES : frame;
      if (frame !== NO_NODE) {
        objects.nodeName[frame] = strings.index(`frame ${textOf(name)}`);
        if (textOf(file) !== '' && numberOf(line) > 0)
          objects.places.set(frame, { file: textOf(file), line: numberOf(line) });
      }
      for (const local of listOf(locals)) {
        const [variable, value] = listOf(local);
        const target = nodeAt(numberOf(value));
        if (target !== NO_NODE) edges.locals.push({ source, name: strings.index(textOf(variable)), target });
      }
    }
  }
  return edges;
}

/** Finds the node at an address; a folded dict is its holder's. */
export function nodeFinder(objects: Objects): (address: number) => number {
  return (address) => {
    const ordinal = objects.table.findAddress(address);
    return ordinal === MISSING ? NO_NODE : objects.nodeOf[ordinal]!;
  };
}

/** The function by which `stanch capture` brings the agent in. */
const GUEST = 'stanch_guest';
const AGENT_FILE = /(?:^|[\\/])stanch_agent\.py$/;
/** Through the interpreter's own things the agent's are followed: what it refers to beyond these may be the service's. */
const OF_THE_INTERPRETER = /^(?:[^.]*|(?:re|collections|_thread|_contextvars)\..*)$/;

/**
 * Takes what only the agent itself holds for garbage: its classes and functions, which differ from dump to dump where it is brought in for
 * each, and what it writes the dump with. An agent that the service imported is reached by its module, and stays.
 */
function passOverAgent(
  objects: Objects,
  strings: StringPool,
  guest: readonly number[],
  reached: Uint8Array,
  firstEdge: Uint32Array,
  edgeTarget: Uint32Array,
): void {
  const { nodeCount, nodeName, nodeKind, classOf, classes, places } = objects;
  const kinds = { class: nodeKindNumber('class'), closure: nodeKindNumber('closure') };
  const isAgentClass = classes.map(({ name }) => name.startsWith('stanch_agent.'));
  const isAgents = (node: number): boolean => {
    if (isAgentClass[classOf[node]!]) return true;
    if (nodeKind[node] === kinds.class) return strings.head(nodeName[node]!, 13) === 'stanch_agent.';
    if (nodeKind[node] !== kinds.closure) return false;
    return AGENT_FILE.test(places.get(node)?.file ?? '') || strings.head(nodeName[node]!, 13) === `${GUEST}.`;
  };
  const stack: number[] = [];
  const take = (node: number): void => {
    if (node === NO_NODE || reached[node] === 1) return;
    reached[node] = 1;
    stack.push(node);
  };
  for (const node of guest) take(node);
  for (let node = FIRST_OBJECT; node < nodeCount; node++) if (isAgents(node)) take(node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
      const target = edgeTarget[edge]!;
      if (isAgents(target) || OF_THE_INTERPRETER.test(classes[classOf[target]!]?.name ?? '')) take(target);
    }
  }
}

/** What a cycle of objects that nothing else holds takes. */
export interface LooseCycles {
  objects: number;
  bytes: number;
}

/**
 * Gives a holder to what no known root leads to: tasks that only the event loop knows, built-in types, and the rest, which C code or a
 * thread's evaluation stack keeps alive, or which is a cycle that the collector has not taken yet.
 */
export function holdTheRest(
  raw: RawDump,
  objects: Objects,
  strings: StringPool,
  roots: RootEdges,
  firstEdge: Uint32Array,
  edgeTarget: Uint32Array,
): LooseCycles {
  const { nodeCount, nodeKind } = objects;
  const reached = new Uint8Array(nodeCount);
  const stack: number[] = [];
  let count = 0;
  const flood = (start: number): void => {
    if (reached[start] === 1) return;
    reached[start] = 1;
    stack.push(start);
    while (stack.length > 0) {
      const node = stack.pop()!;
      count++;
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        const target = edgeTarget[edge]!;
        if (reached[target] === 0) {
          reached[target] = 1;
          stack.push(target);
        }
      }
    }
  };
  const hold = (group: number, name: string, target: number): void => {
    roots.of[group]!.push({ kind: EDGE.internal, name: strings.index(name), target });
    flood(target);
  };
  for (let node = 0; node < FIRST_OBJECT; node++) reached[node] = 1;
  for (const edges of roots.of) for (const { target } of edges) flood(target);
  for (const { source, target } of roots.locals) if (source < FIRST_OBJECT) flood(target);
  const nodeAt = nodeFinder(objects);
  passOverAgent(objects, strings, roots.guest, reached, firstEdge, edgeTarget);
  for (const row of listOf(recordOf(recordOf(raw.extra?.value).facts).tasks)) {
    const node = nodeAt(numberOf(listOf(row)[0]));
    if (node !== NO_NODE && reached[node] === 0) hold(ASYNCIO, 'scheduled', node);
  }
  const isClass = nodeKindNumber('class');
  for (let node = FIRST_OBJECT; node < nodeCount; node++)
    if (nodeKind[node] === isClass && reached[node] === 0) hold(TYPES, 'built in', node);
  const isHeld = new Uint8Array(nodeCount);
  for (let node = FIRST_OBJECT; node < nodeCount; node++) {
    if (reached[node] === 1) continue;
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++)
      if (edgeTarget[edge] !== node) isHeld[edgeTarget[edge]!] = 1;
  }
  for (let node = FIRST_OBJECT; node < nodeCount; node++)
    if (reached[node] === 0 && isHeld[node] === 0) hold(OTHER, 'C code or a stack', node);
  const loose: LooseCycles = { objects: 0, bytes: 0 };
  for (let node = FIRST_OBJECT; node < nodeCount; node++) {
    if (reached[node] === 1) continue;
    const before = count;
    hold(OTHER, 'C code, or a cycle that is not collected', node);
    loose.objects += count - before;
    loose.bytes += objects.selfBytes[node]!;
  }
  return loose;
}
