import type { Labels } from '../../model/series.ts';

/** What the head of a column says: the metric, and whose it is. */
export interface Head {
  readonly name: string;
  readonly labels: Labels;
}

const WITH_LABELS = /^([^{}]*)\{([^{}]*)\}$/;
const PAIR = /([\w.\-/]+)\s*[=:]\s*(?:"((?:[^"\\]|\\.)*)"|([^,"]*))/g;

/** What a column is called of which only the labels are known. */
const NAMELESS = 'value';

/**
 * A head as dashboards export it: `rss{pod="api-1"}` is the metric `rss` of one pod, `{pod="api-1"}` a nameless one, and
 * `system.mem.used{host:i-1}` the same with colons. Everything else is a name.
 */
export function headOf(text: string): Head {
  const match = WITH_LABELS.exec(text.trim());
  if (!match) return { name: text, labels: {} };
  const pairs = [...match[2]!.matchAll(PAIR)].map(([, key, quoted, bare]): [string, string] => [
    key!,
    quoted?.replaceAll(/\\(.)/g, '$1') ?? bare!.trim(),
  ]);
  const { __name__, ...labels } = Object.fromEntries(pairs);
  const name = match[1]!.trim() || __name__ || NAMELESS;
  return pairs.length === 0 ? { name: text, labels: {} } : { name, labels };
}
