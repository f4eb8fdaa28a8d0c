import type { Growth } from '../analysis/growth.ts';
import type { PathStepView } from '../model/finding.ts';
import type { SourceLocation } from '../model/source-location.ts';
import type { Authorship } from './authorship.ts';
import type { GrowthGroup } from './groups.ts';
import type { KnownGrowth } from './known/known-growth.ts';
import type { NodeStep } from './node-path.ts';
import type { Rule } from './rules/rule.ts';

/** A holder in the words of the source. */
export interface Owner {
  /** For example `PresenceService.clients` or `cache (module-level in src/x.js)`. */
  readonly text: string;
  /** The last name a programmer gave on the way: a field, a variable, an event. */
  readonly name: string;
  /** The thing that holds the members: the Map rather than its table. */
  readonly collection: number;
  readonly collectionKind: CollectionKind;
  readonly author: Authorship;
  /** Where the holder is declared, as near as the dump tells. */
  readonly holds: SourceLocation | null;
  /** Where the nearest class or function that holds the members is declared, when that is a library's and `holds` is not. */
  readonly library?: SourceLocation | null;
  /** False when no name was found on the way and the text only tells the kind of root. */
  readonly isNamed: boolean;
  /** What kind of name holds the collection, where the runtime has several; null where that is not known. */
  readonly scope?: OwnerScope | null;
  /** The class or module to which the nearest name belongs, as the source writes it. */
  readonly className?: string | null;
}

export type CollectionKind =
  | 'Map'
  | 'Set'
  | 'weak'
  | 'Array'
  | 'Object'
  | 'list'
  | 'closure'
  | 'promise'
  | 'emitter'
  | 'Hash'
  | 'dict'
  | 'set'
  | 'tuple'
  | 'deque'
  | 'Struct'
  | 'string'
  | 'other';

/** What kind of name a thing has that lives long. */
export type OwnerScope =
  | 'instance'
  | 'class'
  | 'class-variable'
  | 'constant'
  | 'global'
  | 'module'
  | 'default-argument'
  | 'closure'
  | 'thread-local'
  | 'cache';

/** What the sampled members of a group are made of. Shares are of the samples, 0 to 1. */
export interface MemberProfile {
  readonly samples: number;
  /** Members that wait: a pending promise with reactions, or a suspended async function. */
  readonly waitingShare: number;
  readonly detachedShare: number;
  /** Members that reach an open network handle of the runtime. */
  readonly liveHandleShare: number;
  /** Distinct connection agents that came with the members. */
  readonly ownAgents: number;
  /** Functions of the service's own code below nearly all members, nearest first: who made them knows why. */
  readonly ownFunctions?: readonly SourceLocation[];
  /** Bytes of native memory (buffers) below the members, as a share of all their bytes. */
  readonly nativeShare: number;
  /** Bytes that only substrings keep, as a share of all bytes below the members. */
  readonly slicedShare: number;
  /** Bytes below the variables that closures capture, as a share of all. */
  readonly capturedShare: number;
  /** Closures among the members themselves, by position, most frequent first. */
  readonly closures: readonly {
    readonly location: SourceLocation | null;
    readonly text: string;
    readonly count: number;
  }[];
  /** The program's own functions that members other than closures hold directly: what a timer or a waiter calls. */
  readonly callbacks: readonly {
    readonly location: SourceLocation;
    readonly text: string;
    readonly count: number;
  }[];
  /** Variables that the members' closures capture, most frequent first. */
  readonly captured: readonly string[];
  /** Property names of a plain-object member, to recognise it by. */
  readonly keys: readonly string[];
  /** Patterns of the keys under which the members stand, digits masked: `user-#####`. */
  readonly keyPatterns: readonly string[];
  /** Of the bytes of strings below the members, the part that repeats what another string there says. */
  readonly duplicateShare: number;
  /** Names of constructors of the members, with the position of the class. */
  readonly classes: readonly { readonly name: string; readonly location: SourceLocation | null }[];
}

/** How one runtime's heaps are told in the words of its programmers. One for each diagnosis. */
export interface Dialect {
  readonly rules: readonly Rule[];
  readonly known: readonly KnownGrowth[];
  /** What bytes of the runtime's own bookkeeping are called. */
  readonly engineText: string;
  /** Edge kinds by which nothing is held that a reader needs to know of. */
  readonly silentEdges: readonly string[];
  /** Names the holder at the end of a path. */
  ownerOf(path: readonly NodeStep[]): Owner;
  profileMembers(group: GrowthGroup, isOld: Uint8Array | null): MemberProfile;
  /** A retaining path for people. */
  pathView(path: readonly NodeStep[], isOld: Uint8Array | null): PathStepView[];
  nodeText(node: number): string;
  /** True when two nodes of a path are links of one chain: the chain is named by what holds its first link. */
  isLink(holder: number, node: number): boolean;
  /** Says more of an owner without a name, where the place of the growth tells more. */
  unnamed(growth: Growth, holderPlace: number): string | null;
}
