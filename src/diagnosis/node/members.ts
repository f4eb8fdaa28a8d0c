import { EDGE_KIND_MASK, EDGE_NOT_RETAINING, type HeapGraph, sourceOf } from '../../model/heap-graph.ts';
import { locationText, type SourceLocation } from '../../model/source-location.ts';
import { authorOf } from '../authorship.ts';
import type { MemberProfile } from '../dialect.ts';
import type { GrowthGroup } from '../groups.ts';
import { callbacksOf, closuresOf } from '../member-functions.ts';
import { nodeText } from './owner.ts';

/** So many objects below one member are looked at: enough to see what it is made of. */
const MAX_BELOW = 240;

const LIVE_HANDLES = new Set(['TCP', 'Pipe', 'TLSWrap', 'UDP', 'Http2Session', 'JSStreamSocket']);
/** Names that browsers give DOM nodes; Node marks other native objects as detached too. */
const DOM_NODE = /^(?:Detached )?(?:<|#|HTML|SVG|Text$|Comment$|Document)/;
const DESCRIPTIVE = new Set([
  'map',
  'shared',
  'code',
  'feedback_cell',
  'scope_info',
  'function_data',
  '__proto__',
  'constructor',
  'prototype',
]);

/** Looks into the newest members of a group. Old objects are not entered: they are not part of the growth. */
export function profileMembers(
  graph: HeapGraph,
  group: GrowthGroup,
  isOld: Uint8Array | null,
): MemberProfile {
  const kinds = graph.nodeKinds;
  const described = new Map<number, boolean>();
  const isDescriptive = (edge: number): boolean => {
    const name = graph.edgeName[edge]!;
    let known = described.get(name);
    if (known === undefined) {
      known = DESCRIPTIVE.has(graph.strings.head(name, 16));
      described.set(name, known);
    }
    return known;
  };
  const tally = { waiting: 0, detached: 0, live: 0, native: 0, sliced: 0, captured: 0, all: 0 };
  const samples = group.sites.filter((site) => site.label !== '[key]').flatMap((site) => site.samples);
  const capturedNames = new Map<string, number>();
  const agents = new Set<number>();
  const handles = new Set<number>();
  const functions = new OwnFunctions(graph);

  for (const sample of samples) {
    const seen = new Set<number>([sample]);
    const queue: { node: number; captured: boolean; sliced: boolean }[] = [
      { node: sample, captured: false, sliced: false },
    ];
    let waits = false;
    let detached = false;
    let live = false;
    for (let at = 0; at < queue.length && at < MAX_BELOW; at++) {
      const { node, captured, sliced } = queue[at]!;
      const kind = kinds[graph.nodeKind[node]!]!;
      if (kind === 'closure') functions.add(node, sample);
      const name = kind === 'string' ? '' : graph.strings.head(graph.nodeName[node]!, 40);
      const bytes = graph.selfBytes[node]!;
      tally.all += bytes;
      if (captured) tally.captured += bytes;
      if (sliced && kind === 'string') tally.sliced += bytes;
      if (kind === 'native' || name === 'system / JSArrayBufferData') tally.native += bytes;
      if (name === 'system / PromiseReaction' || name === 'system / AsyncGeneratorRequest') waits = true;
      if (name === 'Agent' && kind === 'object') agents.add(node);
      if (graph.detachedness[node] === 2 && kind === 'native' && DOM_NODE.test(name)) detached = true;
      if (LIVE_HANDLES.has(name)) {
        live = true;
        handles.add(node);
      }
      const isContext = name === 'system / Context';
      for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
        const target = graph.edgeTarget[edge]!;
        const edgeKind = graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK];
        if (isContext && edgeKind === 'context' && seen.size < MAX_BELOW) {
          const variable = graph.strings.head(graph.edgeName[edge]!, 40);
          capturedNames.set(variable, (capturedNames.get(variable) ?? 0) + 1);
        }
        if (seen.has(target) || (graph.edgeKind[edge]! & EDGE_NOT_RETAINING) !== 0) continue;
        if (isOld?.[target] === 1 || (edgeKind !== 'element' && edgeKind !== 'hidden' && isDescriptive(edge)))
          continue;
        seen.add(target);
        queue.push({ node: target, captured: captured || isContext, sliced: kind === 'sliced string' });
      }
    }
    if (waits) tally.waiting++;
    if (detached) tally.detached++;
    if (live) tally.live++;
  }
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    samples: samples.length,
    waitingShare: share(tally.waiting, samples.length),
    detachedShare: share(tally.detached, samples.length),
    // Many requests of one connection do not live as long as it does.
    liveHandleShare: share(Math.min(tally.live, handles.size), samples.length),
    ownAgents: agents.size,
    ownFunctions: functions.common(samples.length),
    nativeShare: share(tally.native, tally.all),
    slicedShare: share(tally.sliced, tally.all),
    capturedShare: share(tally.captured, tally.all),
    closures: closuresOf(group.sites),
    callbacks: callbacksOf(graph, samples, (node) => nodeText(graph, node)),
    captured: [...capturedNames].sort((a, b) => b[1] - a[1]).map(([name]) => name),
    keys: keysOf(graph, samples),
    keyPatterns: [],
    duplicateShare: 0,
    classes: classesOf(graph, samples),
  };
}

/** Nearly all members lead to it. */
const COMMON_SHARE = 0.8;

/** The service's own functions by position, and how many members lead to each. */
class OwnFunctions {
  private readonly found = new Map<string, { location: SourceLocation; members: Set<number> }>();
  constructor(private readonly graph: HeapGraph) {}

  add(closure: number, member: number): void {
    const location = sourceOf(this.graph, closure);
    if (!location || authorOf(location.file) !== 'user') return;
    const key = locationText(location);
    const entry = this.found.get(key) ?? { location, members: new Set() };
    entry.members.add(member);
    this.found.set(key, entry);
  }

  common(members: number): SourceLocation[] {
    return [...this.found.values()]
      .filter((entry) => entry.members.size >= members * COMMON_SHARE)
      .map(({ location }) => location);
  }
}

function keysOf(graph: HeapGraph, samples: readonly number[]): string[] {
  const property = graph.edgeKinds.indexOf('property');
  const plain = samples.find(
    (node) =>
      graph.nodeKinds[graph.nodeKind[node]!] === 'object' &&
      graph.strings.head(graph.nodeName[node]!, 8) === 'Object',
  );
  if (plain === undefined) return [];
  const keys: string[] = [];
  for (let edge = graph.firstEdge[plain]!; edge < graph.firstEdge[plain + 1]! && keys.length < 8; edge++) {
    if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) !== property) continue;
    const name = graph.strings.head(graph.edgeName[edge]!, 40);
    if (name !== '__proto__') keys.push(name);
  }
  return keys;
}

function classesOf(graph: HeapGraph, samples: readonly number[]): MemberProfile['classes'] {
  const classes = new Map<string, SourceLocation | null>();
  for (const node of samples) {
    if (graph.nodeKinds[graph.nodeKind[node]!] !== 'object') continue;
    const location = sourceOf(graph, node);
    const name = graph.strings.head(graph.nodeName[node]!, 60);
    if (location && !classes.has(name)) classes.set(name, location);
  }
  return [...classes].map(([name, location]) => ({ name, location }));
}
