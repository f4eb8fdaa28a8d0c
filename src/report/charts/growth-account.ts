import type { Diagnosis } from '../../model/finding.ts';

/** A part of the growth, given to exactly one owner or to none. */
export interface GrowthPart {
  /** `cause` a finding · `known` looked at and not shown · `unexplained`. */
  readonly kind: 'cause' | 'known' | 'unexplained';
  /** `f-1`; null for what is no finding. */
  readonly id: string | null;
  readonly what: string;
  /** Null where `what` names it. */
  readonly owner: string | null;
  readonly bytes: number;
  /** Of all growth, 0 to 1; null when nothing grew. */
  readonly share: number | null;
}

/** All of the growth in parts that add up to it: what the findings leave open has parts of its own. */
export function growthParts({ growth, findings }: Diagnosis): GrowthPart[] {
  const { grownBytes } = growth;
  const share = (bytes: number): number | null => (grownBytes > 0 ? bytes / grownBytes : null);
  const parts: GrowthPart[] = findings.map(({ id, title, owner, growth: { bytes } }) => ({
    kind: 'cause',
    id,
    what: title,
    owner: title.includes(withoutCount(owner)) ? null : owner,
    bytes,
    share: share(bytes),
  }));
  const sum = (): number => parts.reduce((total, { bytes }) => total + bytes, 0);
  const add = (kind: GrowthPart['kind'], what: string, bytes: number): void => {
    if (Math.round(bytes) !== 0)
      parts.push({ kind, id: null, what, owner: null, bytes, share: share(bytes) });
  };
  add('known', 'causes beyond those shown', Math.max(0, growth.explainedBytes - sum()));
  for (const { what, bytes } of growth.unexplained) add('unexplained', what, bytes);
  add('unexplained', 'not given to anyone', grownBytes - sum());
  return parts;
}

/** `SessionStore.sessions (Map, 2,000 entries)` by its name alone. */
function withoutCount(owner: string): string {
  return owner.replace(/ \([^()]*\)$/, '');
}
