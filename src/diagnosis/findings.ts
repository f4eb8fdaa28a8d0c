import type { DominatorTree } from '../analysis/dominators.ts';
import type { Growth } from '../analysis/growth.ts';
import { gain } from '../base/gain.ts';
import type { Finding, FindingLocation } from '../model/finding.ts';
import { EDGE_KIND_MASK, type HeapGraph, handleOf } from '../model/heap-graph.ts';
import { shortFile } from './authorship.ts';
import { type Confidence, confidenceOf } from './confidence.ts';
import type { Dialect, MemberProfile } from './dialect.ts';
import type { Grouping, GrowthGroup } from './groups.ts';
import type { KnownGrowth } from './known/known-growth.ts';
import { type Located, locate } from './locate.ts';
import type { Rule, RuleMatch, Suspect } from './rules/rule.ts';
import { partsOfCause, signatureOf } from './signature.ts';
import type { SourceMatcher } from './source-match.ts';
import { type Trend, trendOf } from './trend.ts';

/** A group of growth with the rule that explains it best. */
export interface Explained {
  readonly groups: readonly GrowthGroup[];
  readonly members: MemberProfile;
  readonly rule: Rule;
  readonly match: RuleMatch;
  readonly located: Located;
  readonly trend: Trend;
  readonly series: readonly number[];
  readonly bytes: readonly number[];
  readonly confidence: Confidence;
  /** Why this growth is known to be harmless, else null. */
  readonly knownWhy: string | null;
}

/** Tries all rules on each group and joins what one piece of code does. */
export function explain(growth: Growth, grouping: Grouping, source: SourceMatcher | null): Explained[] {
  const grown = Math.max(1, gain(growth.totalBytes));
  const { dialect } = grouping;
  const explained = grouping.groups.map((group) => explainGroup(growth, group, source, dialect));
  return joinListeners(growth, explained).map((draft) => {
    const gained = gain(draft.series);
    const path = draft.groups[0]!;
    const known = dialect.known.find((entry) => isKnown(entry, growth, path));
    const knownWhy = known?.why ?? weakTable(path);
    const trend = trendOf(gained >= 1 && path.sites.length > 0 ? draft.series : draft.bytes);
    const confidence = confidenceOf({
      trend,
      series: gained >= 1 ? draft.series : draft.bytes,
      sameProcess: growth.sameProcess,
      author: path.owner.author,
      fit: draft.match.fit,
      gained,
      inSource: draft.located.inSource,
      neverRemoved: draft.located.neverRemoved,
      liveHandleShare: draft.rule.pattern === 'connection-leak' ? 0 : draft.members.liveHandleShare,
      knownWhy,
      shareOfGrowth: Math.min(1, gain(draft.bytes) / grown),
    });
    return { ...draft, trend, confidence, knownWhy };
  });
}

function isKnown({ path, owner }: KnownGrowth, growth: Growth, group: GrowthGroup): boolean {
  const file = (group.owner.library ?? group.owner.holds)?.file.replaceAll('\\', '/') ?? '';
  return path?.test(pathText(growth, group)) || owner?.test(file) || false;
}

/** A weak collection keeps nothing: its table is as long as its keys live, and who keeps those is another matter. */
function weakTable(group: GrowthGroup): string | null {
  return group.owner.collectionKind === 'weak' && group.sites.length === 0
    ? 'the table of a weak collection, which grows with keys that something else keeps'
    : null;
}

type Draft = Omit<Explained, 'trend' | 'confidence' | 'knownWhy'>;

function explainGroup(
  growth: Growth,
  group: GrowthGroup,
  source: SourceMatcher | null,
  dialect: Dialect,
): Draft {
  const { last, census } = growth;
  const place = group.sites[0]?.place ?? group.own[0]!.place;
  const steps = census.trie.pathTo(place);
  const members = dialect.profileMembers(group, growth.isOldInLast);
  const suspect: Suspect = {
    group,
    members,
    graph: last,
    growth,
    labels: steps.map((step) => census.labelOf(step)),
    shapes: steps.map((step) => census.shapeOf(step).text),
    source,
  };
  let best: { rule: Rule; match: RuleMatch } | null = null;
  for (const rule of dialect.rules) {
    const match = rule.match(suspect);
    if (match && (!best || match.fit > best.match.fit)) best = { rule, match };
  }
  const { rule, match } = best!;
  return {
    groups: [group],
    members,
    rule,
    match,
    located: locate(match, group.owner, source, members.ownFunctions),
    series: group.objects,
    bytes: group.bytes,
  };
}

/** Listeners that one call adds for several events are one cause: same code, same scope, same counts. */
function joinListeners(growth: Growth, drafts: readonly Draft[]): Draft[] {
  const out: Draft[] = [];
  for (const draft of drafts) {
    const twin =
      draft.rule.pattern === 'listener-leak' ? out.findIndex((other) => isTwin(growth, other, draft)) : -1;
    if (twin < 0) out.push(draft);
    else out[twin] = inLineOrder(out[twin]!, draft);
  }
  return out;
}

function isTwin(growth: Growth, a: Draft, b: Draft): boolean {
  if (a.rule !== b.rule || a.located.location?.file !== b.located.location?.file) return false;
  const ratio = gain(a.groups[0]!.objects) / Math.max(1, gain(b.groups[0]!.objects));
  if (ratio < 0.95 || ratio > 1.05) return false;
  const scopes = scopesOf(growth.last, a.groups);
  return scopesOf(growth.last, b.groups).some((scope) => scopes.includes(scope));
}

function scopesOf(graph: HeapGraph, groups: readonly GrowthGroup[]): number[] {
  return groups
    .flatMap((group) => group.sites.flatMap((site) => site.samples.map((node) => scopeOf(graph, node))))
    .filter((scope) => scope >= 0);
}

function scopeOf(graph: HeapGraph, closure: number): number {
  for (let edge = graph.firstEdge[closure]!; edge < graph.firstEdge[closure + 1]!; edge++) {
    const kind = graph.edgeKinds[graph.edgeKind[edge]! & EDGE_KIND_MASK];
    if (kind === 'internal' && graph.strings.head(graph.edgeName[edge]!, 8) === 'context')
      return graph.edgeTarget[edge]!;
  }
  return -1;
}

/** The line that stands first in the file names the cause, whichever of the two happens to keep more. */
function inLineOrder(a: Draft, b: Draft): Draft {
  return (a.located.location?.line ?? 0) <= (b.located.location?.line ?? 0) ? joined(a, b) : joined(b, a);
}

function joined(a: Draft, b: Draft): Draft {
  const add = (x: readonly number[], y: readonly number[]) => x.map((value, index) => value + y[index]!);
  const events = [a.match.title, b.match.title].flatMap((title) =>
    [...title.matchAll(/'([^']+)'/g)].map((match) => `'${match[1]}'`),
  );
  const title = a.match.title.replace(/for .*? are/, `for ${[...new Set(events)].join(' and ')} are`);
  const { location: second, alsoSee: rest } = b.located;
  return {
    ...a,
    groups: [...a.groups, ...b.groups],
    match: {
      ...a.match,
      title,
      reasons: a.match.reasons.filter((reason) => !reason.includes('one line of code')),
    },
    located: {
      ...a.located,
      alsoSee: distinct([...(second ? [second] : []), ...a.located.alsoSee, ...rest], a.located.location),
    },
    series: add(a.series, b.series),
    bytes: add(a.bytes, b.bytes),
  };
}

function distinct(locations: readonly FindingLocation[], main: FindingLocation | null): FindingLocation[] {
  const textOf = (location: FindingLocation) => `${location.file}:${location.line}`;
  const byText = new Map(locations.map((location) => [textOf(location), location]));
  if (main) byText.delete(textOf(main));
  return [...byText.values()].slice(0, 5);
}

function pathText(growth: Growth, group: GrowthGroup): string {
  const { census } = growth;
  const place = group.sites[0]?.place ?? group.own[0]!.place;
  return census.trie
    .pathTo(place)
    .map((step) => `${census.labelOf(step)} ${census.shapeOf(step).text}`)
    .join(' → ');
}

export interface FindingContext {
  readonly growth: Growth;
  readonly grouping: Grouping;
  readonly evidenceIds: readonly string[];
  readonly operations: number | null;
  readonly hours: number | null;
  /** By rank - 1. */
  readonly alsoHeldBy: readonly (readonly string[])[];
  /** Computed once, for the last dump. */
  dominators(): DominatorTree;
}

/** The result object of one cause. */
export function findingOf(explained: Explained, rank: number, context: FindingContext): Finding {
  const { growth, grouping, operations, hours } = context;
  const { last, isOldInLast, census } = growth;
  const { groups, match, rule, located, confidence, members } = explained;
  const group = groups[0]!;
  const gained = gain(explained.series);
  const holders = Math.max(1, group.holders.length);
  return {
    id: `f-${rank}`,
    rank,
    pattern: rule.pattern,
    title: match.title,
    owner: ownersText(groups),
    location: located.location,
    alsoSee: [...located.alsoSee],
    growth: {
      objects: gained,
      bytes: gain(explained.bytes),
      series: [...explained.series],
      bytesSeries: [...explained.bytes],
      holders,
      perHour: hours === null || hours <= 0 ? null : gained / hours,
      perOperation: operations === null || operations <= 0 ? null : gained / operations,
    },
    retainedBytes: holders === 1 ? keptBy(group, gain(explained.bytes), context) : null,
    members: groups.flatMap((each) =>
      each.sites.map((site) => ({
        shape: site.shape.location
          ? `${site.shape.text} @ ${shortFile(site.shape.location.file)}:${site.shape.location.line}`
          : site.shape.text,
        objects: gain(site.objects),
        sample: site.samples[0] === undefined ? '' : handleOf(last, site.samples[0]),
      })),
    ),
    alsoHeldBy: [...(context.alsoHeldBy[rank - 1] ?? [])],
    path: grouping.dialect.pathView(group.path, isOldInLast),
    signature: signatureOf([last.runtime, rule.pattern, ...partsOfCause(census, groups)]),
    confidence: confidence.value,
    reasons: [...confidence.reasons, ...match.reasons],
    evidence: [...context.evidenceIds],
    against: [
      ...confidence.against,
      ...match.against,
      ...(members.samples === 0 &&
      group.own.length > 0 &&
      gained === 0 &&
      group.owner.collectionKind !== 'string'
        ? ['numbers leave no trace in a dump: only the size of their store was seen']
        : []),
    ],
    remedy: { ...match.remedy, docs: `docs/rules/${rule.runtime}/${rule.id}.md` },
  };
}

/** What goes with the owner's collection; less than what it gained says only that others hold the same things, and is left out. */
function keptBy({ owner }: GrowthGroup, gainedBytes: number, context: FindingContext): number | null {
  const bytes = context.dominators().retainedBytes[owner.collection]!;
  return bytes >= gainedBytes ? bytes : null;
}

/** Several owners of one cause share most of their name: it is said once. */
function ownersText(groups: readonly GrowthGroup[]): string {
  const [first, ...others] = groups;
  const suffixes = others.map(({ owner }) => {
    let common = 0;
    while (common < owner.text.length && owner.text[common] === first!.owner.text[common]) common++;
    const start = Math.max(owner.text.lastIndexOf('[', common), owner.text.lastIndexOf('.', common));
    return owner.text.slice(Math.max(0, start));
  });
  return [ownerText(first!), ...suffixes].join(' and ');
}

/** The owner with its kind and size, as a person would say it. */
function ownerText(group: GrowthGroup): string {
  const { owner, holders } = group;
  const entries = group.objects[group.objects.length - 1]!;
  if (holders.length > 1)
    return `${owner.text} (${holders.length.toLocaleString('en-US')} of them, ${entries.toLocaleString('en-US')} members)`;
  const kind =
    owner.collectionKind === 'other' || owner.collectionKind === 'closure'
      ? nodeKindText(group)
      : owner.collectionKind;
  return entries > 0
    ? `${owner.text} (${kind}${kind ? ', ' : ''}${entries.toLocaleString('en-US')} entries)`
    : `${owner.text}${kind ? ` (${kind})` : ''}`;
}

function nodeKindText(group: GrowthGroup): string {
  return group.sites.some((site) => /^\.(?:_?next|_idleNext)/.test(site.label)) ? 'linked list' : '';
}
