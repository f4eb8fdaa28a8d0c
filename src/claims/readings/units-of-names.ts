import { type Dimension, unitOf } from '../../formats/incident-text/quantities.ts';

/** Dimension and scale that a name without a unit tells: `rss_mb`, `heapUsed`, `wait_ms`, `RSS (MiB)`; null when it tells none. */
export function unitOfName(name: string): readonly [Dimension, number] | null {
  const suffix =
    /(?:[_.\s([]|(?<=[a-z]))(bytes|[kmg]i?b|KB|MB|GB|KiB|MiB|GiB|Ki|Mi|Gi)[)\]]?(?:_total)?$/i.exec(
      name,
    )?.[1];
  if (suffix !== undefined && (!/^[kmg]i?$/i.test(suffix) || /[([]/.test(name)))
    return unitOf(/^[kmg]i?b?$/i.test(suffix) && !/b$/i.test(suffix) ? `${suffix}B` : suffix);
  if (/(?:^|[._-])(?:ms|millis|msec)$|(?<=[a-z])Ms$/.test(name)) return ['time', 1];
  if (/_seconds(?:_total)?$|_sec$/.test(name)) return ['time', 1000];
  if (/(?:%|pct|percent)$/i.test(name)) return ['percent', 1];
  return null;
}

/** Names of `process.memoryUsage()` and of `/proc`, which are bytes where a number has no unit. */
export const NODE_MEMORY: RegExp = /^(?:rss|heapTotal|heapUsed|external|arrayBuffers)$/;
