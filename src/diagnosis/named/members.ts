import { EDGE_KIND_MASK, EDGE_NOT_RETAINING, type HeapGraph } from '../../model/heap-graph.ts';
import type { MemberProfile } from '../dialect.ts';
import type { GrowthGroup } from '../groups.ts';
import { callbacksOf, closuresOf } from '../member-functions.ts';
import { classLocation, nodeText } from './owner.ts';
import { allocationSitesOf } from './ruby-allocations.ts';
import { kindTextOf, nameTextOf, type Tongue } from './tongue.ts';

/** So many objects below one member are looked at: enough to see what it is made of. */
const MAX_BELOW = 240;
/** Entries of a holder whose keys are looked at, from the newest. */
const MAX_KEYS = 24;
const MAX_HOLDERS = 4;
const VALUE_CHARS = 64;

/** Looks into the newest members of a group. Old objects are not entered: they are not part of the growth. */
export function profileMembers(
  graph: HeapGraph,
  tongue: Tongue,
  group: GrowthGroup,
  isOld: Uint8Array | null,
): MemberProfile {
  const samples = group.sites.filter((site) => site.label !== '[key]').flatMap((site) => site.samples);
  const strings = new Map<string, number>();
  const captured = new Map<string, number>();
  let capturedBytes = 0;
  let allBytes = 0;
  let stringBytes = 0;
  let repeatedBytes = 0;
  const counted = new Set<number>();
  for (const sample of samples) {
    const seen = new Set<number>([sample]);
    const queue: { node: number; isCaptured: boolean }[] = [{ node: sample, isCaptured: false }];
    for (let at = 0; at < queue.length && at < MAX_BELOW; at++) {
      const { node, isCaptured } = queue[at]!;
      const kind = kindTextOf(graph, node);
      const bytes = graph.selfBytes[node]!;
      allBytes += bytes;
      if (isCaptured) capturedBytes += bytes;
      // What two members reach is one string, not two that are equal.
      if (kind === 'string' && !counted.has(node)) {
        counted.add(node);
        stringBytes += bytes;
        const value = `${graph.strings.writtenBytes(graph.nodeName[node]!)}|${graph.strings.head(graph.nodeName[node]!, VALUE_CHARS)}`;
        if (strings.has(value)) repeatedBytes += bytes;
        strings.set(value, (strings.get(value) ?? 0) + 1);
      }
      const isScope = kind === 'context' || kind === 'closure';
      for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
        const target = graph.edgeTarget[edge]!;
        const edgeKind = graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK]!;
        if (edgeKind === 'context') {
          const name = graph.strings.head(graph.edgeName[edge]!, 40);
          captured.set(name, (captured.get(name) ?? 0) + 1);
        }
        if (seen.has(target) || isOld?.[target] === 1) continue;
        if (edgeKind === 'internal' && !isScope) continue;
        if ((graph.edgeKind[edge]! & EDGE_NOT_RETAINING) !== 0) continue;
        const targetKind = kindTextOf(graph, target);
        if (targetKind === 'class' || targetKind === 'module' || targetKind === 'synthetic') continue;
        seen.add(target);
        queue.push({ node: target, isCaptured: isCaptured || isScope });
      }
    }
  }
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    samples: samples.length,
    waitingShare: 0,
    detachedShare: 0,
    liveHandleShare: 0,
    ownAgents: 0,
    nativeShare: 0,
    slicedShare: 0,
    capturedShare: share(capturedBytes, allBytes),
    closures: closuresOf(group.sites),
    callbacks: callbacksOf(graph, samples, (node) => nodeText(graph, node)),
    captured: [...captured].sort((a, b) => b[1] - a[1]).map(([name]) => name),
    keys: fieldsOf(graph, tongue, samples),
    keyPatterns: keyPatternsOf(graph, group),
    duplicateShare: share(repeatedBytes, stringBytes) * share(stringBytes, allBytes),
    classes: classesOf(graph, samples),
  };
}

/** Names of the fields of a member, to recognise it by. */
function fieldsOf(graph: HeapGraph, tongue: Tongue, samples: readonly number[]): string[] {
  const property = graph.edgeKinds.indexOf('property');
  const sample = samples.find(
    (node) => kindTextOf(graph, node) === 'object' && !tongue.isPlain(nameTextOf(graph, node)),
  );
  if (sample === undefined) return [];
  const names: string[] = [];
  for (let edge = graph.firstEdge[sample]!; edge < graph.firstEdge[sample + 1]! && names.length < 8; edge++) {
    if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) !== property) continue;
    names.push(graph.strings.head(graph.edgeName[edge]!, 40));
  }
  return names;
}

/** How the newest keys of the holders look, digits and addresses masked, most frequent first. */
function keyPatternsOf(graph: HeapGraph, group: GrowthGroup): string[] {
  const key = graph.edgeKinds.indexOf('key');
  if (key < 0) return [];
  const patterns = new Map<string, number>();
  for (const holder of group.holders.slice(0, MAX_HOLDERS)) {
    let seen = 0;
    for (
      let edge = graph.firstEdge[holder + 1]! - 1;
      edge >= graph.firstEdge[holder]! && seen < MAX_KEYS;
      edge--
    ) {
      if ((graph.edgeKind[edge]! & EDGE_KIND_MASK) !== key) continue;
      seen++;
      const node = graph.edgeTarget[edge]!;
      const kind = kindTextOf(graph, node);
      const pattern =
        kind === 'string' || kind === 'symbol'
          ? keyPattern(graph.strings.head(graph.nodeName[node]!, 60))
          : nodeText(graph, node);
      if (pattern !== '') patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1);
    }
  }
  return [...patterns]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([pattern]) => pattern);
}

/** Of a key its pattern only: `user-#####`, of an address nothing but that it is one; long words are cut to their start. */
function keyPattern(key: string): string {
  return key
    .replace(/[^\s@'"/]+@[^\s@'"/]+/g, '…@…')
    .replace(/[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}/gi, (run) => (/\d/.test(run) ? '#'.repeat(8) : run))
    .replace(/\d+/g, (run) => '#'.repeat(Math.min(run.length, 6)))
    .replace(/\p{L}{13,}/gu, (word) => `${word.slice(0, 4)}…`)
    .slice(0, 40);
}

/** What the keys of a pattern begin with, as far as the source could write it: `details:` of `details:TF-####`. */
export function keyWordsOf(patterns: readonly string[]): string[] {
  return [...new Set(patterns.flatMap((pattern) => /^[A-Za-z][\w]{2,}[:\-_/.]?/.exec(pattern) ?? []))];
}

/** Classes of the members, with the line that made them where the dump was traced, else where the class is written. */
function classesOf(graph: HeapGraph, samples: readonly number[]): MemberProfile['classes'] {
  const byClass = new Map<string, number[]>();
  for (const node of samples) {
    const kind = kindTextOf(graph, node);
    if (kind !== 'object' && !(kind === 'string' && graph.allocations)) continue;
    const name = kind === 'string' ? 'String' : nameTextOf(graph, node);
    const nodes = byClass.get(name);
    if (nodes) nodes.push(node);
    else byClass.set(name, [node]);
  }
  return [...byClass].map(([name, nodes]) => ({
    name,
    location: allocationSitesOf(graph, nodes)[0]?.location ?? classLocation(graph, name),
  }));
}
