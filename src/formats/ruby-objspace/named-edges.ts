import { NOWHERE } from './address-index.ts';
import type { EdgeParts, Edges } from './edges.ts';
import { EDGE } from './kinds.ts';
import type { NamedEdge } from './names-file.ts';
import { TYPE } from './words.ts';

/** From a proc to a variable of the scope around the scope around it, or from a thread to a fiber's local. */
const MAX_STEPS = 4;
const KIND_OF: Readonly<Record<string, number>> = {
  local: EDGE.context,
  default: EDGE.internal,
  attached: EDGE.internal,
};

/**
 * Gives references the names that the names file has for them. It names what Ruby shows (a proc's local, a thread's local), the dump
 * what memory holds (the proc's environment, the thread's table): then the reference that really holds the object gets
 * the name. Returns how many names found no reference.
 */
export function nameEdges(parts: EdgeParts, edges: Edges): number {
  const { rubyNames, resolved, names } = parts;
  if (!rubyNames) return 0;
  const bySource = new Map<number, NamedEdge[]>();
  let unmatched = 0;
  for (const edge of rubyNames.edges) {
    if (edge.kind === 'global') continue;
    const source = resolved.index.find(edge.from);
    if (source === NOWHERE) {
      unmatched++;
      continue;
    }
    const group = bySource.get(source);
    if (group) group.push(edge);
    else bySource.set(source, [edge]);
  }
  const { kind, name } = edges.table;
  let fiberNodes: readonly number[] | null = null;
  for (const [source, group] of bySource) {
    const taken = new Set<number>();
    const direct = edgesByTarget(edges, source, group.length);
    for (const { kind: written, name: text, to } of group) {
      const target = resolved.index.find(to);
      // What a proc refers to itself is its self; its locals are in its environment.
      const own = written === 'local' ? 'skip' : direct;
      let edge = target === NOWHERE ? -1 : findEdge(parts, edges, source, target, own, taken);
      // In a forked child the fiber of a thread that did not fork is no longer the thread's.
      if (edge < 0 && target !== NOWHERE && written === 'fiberlocal') {
        fiberNodes ??= fibers(parts);
        for (const fiber of fiberNodes) {
          if (edge < 0) edge = findEdge(parts, edges, fiber, target, null, taken);
        }
      }
      if (edge < 0) {
        unmatched++;
        continue;
      }
      taken.add(edge);
      kind[edge] = KIND_OF[written] ?? EDGE.property;
      name[edge] = names.numberOf(text);
    }
  }
  return unmatched;
}

/** Edges of a node by target, when so many are looked for that a search for each would take long. */
function edgesByTarget(
  { firstEdge, table }: Edges,
  source: number,
  wanted: number,
): Map<number, number[]> | null {
  if (wanted < 16) return null;
  const byTarget = new Map<number, number[]>();
  for (let edge = firstEdge[source]!; edge < firstEdge[source + 1]!; edge++) {
    const list = byTarget.get(table.target[edge]!);
    if (list) list.push(edge);
    else byTarget.set(table.target[edge]!, [edge]);
  }
  return byTarget;
}

/**
 * The first edge to the target that has no name from the file yet, from the source or from what it is built of.
 *
 * @param own the source's own edges by target; null when they are to be looked through, `skip` when they do not count
 */
function findEdge(
  parts: EdgeParts,
  edges: Edges,
  source: number,
  target: number,
  own: Map<number, number[]> | 'skip' | null,
  taken: ReadonlySet<number>,
): number {
  const { firstEdge, table } = edges;
  if (own !== null && own !== 'skip') {
    const free = own.get(target)?.find((edge) => !taken.has(edge));
    if (free !== undefined) return free;
  }
  let level = [source];
  const seen = new Set(level);
  for (let step = 0; step < MAX_STEPS && level.length > 0; step++) {
    const next: number[] = [];
    for (const node of level) {
      const counts = node !== source || own === null;
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        const to = table.target[edge]!;
        if (counts && to === target && !taken.has(edge)) return edge;
        if (!seen.has(to) && isPartOf(parts, source, to)) {
          seen.add(to);
          next.push(to);
        }
      }
    }
    level = next;
  }
  return -1;
}

function fibers({ records }: EdgeParts): number[] {
  const struct = records.words.texts.indexOf('fiber');
  const found: number[] = [];
  for (let node = 1; node < records.count; node++)
    if (records.type[node] === TYPE.DATA && records.detail[node] === struct) found.push(node);
  return found;
}

/** Environments belong to their proc, fibers and tables of locals to their thread. */
function isPartOf({ records }: EdgeParts, source: number, node: number): boolean {
  const word = (at: number): string => records.words.texts[records.detail[at]!] ?? '';
  if (records.type[node] === TYPE.IMEMO) return word(node) === 'env';
  if (records.type[source] !== TYPE.DATA || word(source) !== 'VM/thread') return false;
  return records.type[node] === TYPE.HASH || (records.type[node] === TYPE.DATA && word(node) === 'fiber');
}
