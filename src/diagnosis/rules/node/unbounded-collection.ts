import { formatShare } from '../../../base/units.ts';
import { collectionCode, making } from '../collection-code.ts';
import { placesOfClasses } from '../of-members.ts';
import type { Rule } from '../rule.ts';

const KINDS: Readonly<Record<string, string>> = {
  Map: 'Map',
  Set: 'Set',
  Array: 'array',
  Object: 'object used as a map',
};

const MOSTLY = 0.8;
/** V8 flattens a joined text when it is used as a key: each then gains one part, once, and none of them grows. */
const LEAST_TEXT_BYTES = 16_000;

/** A collection that gains members and never loses them. */
export const unboundedCollection: Rule = {
  id: 'unbounded-collection',
  runtime: 'node',
  pattern: 'unbounded-collection',
  match({ group, members }) {
    const kind = KINDS[group.owner.collectionKind];
    const chain = group.sites.some((site) => /^\.(?:_?next|_?prev|tail|head|_idleNext)/.test(site.label));
    const text = group.sites.some(({ label }) => label === '#part');
    if (kind === undefined && !chain && !text && group.own.length === 0) return null;
    const what = text ? 'text' : (kind ?? (chain ? 'linked list' : 'store'));
    const objects = group.objects[group.objects.length - 1]! - group.objects[0]!;
    return {
      fit: kind === undefined ? 0.6 : 0.8,
      ...(text ? { leastBytes: LEAST_TEXT_BYTES } : {}),
      title: text
        ? `The text in ${group.owner.text} only grows`
        : objects > 0
          ? `${group.owner.text} (${what}) gains entries and never loses them`
          : `${group.owner.text} (${what}) grows and never shrinks`,
      adds: null,
      allocates: placesOfClasses(members),
      code: { ...collectionCode(group.owner), makes: making(members.classes) },
      reasons: [
        ...(members.keys.length > 0 ? [`entries look like {${members.keys.slice(0, 6).join(', ')}}`] : []),
        ...(members.nativeShare >= MOSTLY
          ? [
              `${formatShare(members.nativeShare)} of their bytes are buffers: a slice of a buffer, however short, keeps all of it`,
            ]
          : []),
      ],
      against: [],
      remedy: {
        summary:
          'Give it a limit (least recently used, or time to live), or remove entries where their life ends.',
        example: 'if (cache.size >= MAX) cache.delete(cache.keys().next().value);\ncache.set(key, value);',
      },
    };
  },
};
