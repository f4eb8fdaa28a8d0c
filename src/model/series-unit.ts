/** Base units: bytes, seconds, shares from 0 to 1, and plain counts. */
export type Unit = 'bytes' | 'seconds' | 'share' | 'count';

/** A unit as written, and what one of it is in the base unit. */
export interface UnitScale {
  readonly unit: Unit;
  readonly scale: number;
}

/**
 * Decimal prefixes are powers of 1000 and binary ones (`MiB`) of 1024, as IEC 80000-13 says; only `kb` is 1024, because the
 * kernel, `ps` and `getrusage` write KiB that way and nearly every `_kb` column comes from them.
 */
const SCALES: Readonly<Record<string, UnitScale>> = {
  b: { unit: 'bytes', scale: 1 },
  byte: { unit: 'bytes', scale: 1 },
  bytes: { unit: 'bytes', scale: 1 },
  kb: { unit: 'bytes', scale: 1024 },
  kib: { unit: 'bytes', scale: 1024 },
  mb: { unit: 'bytes', scale: 1e6 },
  mib: { unit: 'bytes', scale: 1024 ** 2 },
  gb: { unit: 'bytes', scale: 1e9 },
  gib: { unit: 'bytes', scale: 1024 ** 3 },
  tb: { unit: 'bytes', scale: 1e12 },
  tib: { unit: 'bytes', scale: 1024 ** 4 },
  kilobytes: { unit: 'bytes', scale: 1024 },
  megabytes: { unit: 'bytes', scale: 1e6 },
  gigabytes: { unit: 'bytes', scale: 1e9 },
  kibibytes: { unit: 'bytes', scale: 1024 },
  mebibytes: { unit: 'bytes', scale: 1024 ** 2 },
  gibibytes: { unit: 'bytes', scale: 1024 ** 3 },
  seconds: { unit: 'seconds', scale: 1 },
  milliseconds: { unit: 'seconds', scale: 1e-3 },
  ms: { unit: 'seconds', scale: 1e-3 },
  percent: { unit: 'share', scale: 0.01 },
  pct: { unit: 'share', scale: 0.01 },
  '%': { unit: 'share', scale: 0.01 },
  ratio: { unit: 'share', scale: 1 },
  total: { unit: 'count', scale: 1 },
  count: { unit: 'count', scale: 1 },
};

/** Metrics that are in bytes by their definition, without a word of it: cAdvisor's, the JVM's since client 1.0, prometheus_exporter's. */
const BYTES_BY_NAME =
  /^(container_memory_(rss|cache|swap|mapped_file|kernel_usage)|jvm_memory_(used|committed|max|init)|ruby_(rss|malloc_increase|oldmalloc_increase)|process_memory_usage|process_runtime_\w*memory\w*)$/;

/** The unit that a metric or column name ends in (`rss_mb`, `heapUsedBytes`, `memory (MiB)`, `x_bytes_total`); null if none. */
export function unitOfName(name: string): UnitScale | null {
  const words = wordsOf(name);
  for (let at = words.length - 1; at >= Math.max(0, words.length - 2); at--) {
    const scale = SCALES[words[at]!];
    // `foo_seconds_total` is in seconds: the suffix of counters says nothing about the unit.
    if (scale && !(words[at] === 'total' && at > 0 && SCALES[words[at - 1]!])) return scale;
    if (words[at] !== 'total' && words[at] !== 'sum') break;
  }
  return BYTES_BY_NAME.test(words.join('_')) ? SCALES['bytes']! : null;
}

/** A size as people write it: `512MiB`, `1.5 GB`, `2Gi` (Kubernetes), `4096`. Null when it is none. */
export function parseSizeBytes(text: string): number | null {
  const match = /^\s*(\d[\d_,]*(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  if (!match) return null;
  const value = Number(match[1]!.replaceAll(/[_,]/g, ''));
  const written = match[2]!;
  if (written === '') return value;
  const short = /^[kmgt]i?$/i.test(written) ? `${written}b` : written;
  // In a size that a person typed, k is 1000 as all the other prefixes are.
  if (/^kb$/i.test(short)) return value * 1000;
  const scale = SCALES[short.toLowerCase()];
  return scale?.unit === 'bytes' ? value * scale.scale : null;
}

function wordsOf(name: string): string[] {
  return (
    name
      // `MiB` is one word, `heapUsed` are two.
      .replaceAll(/([KMGT])iB\b/g, '_$1ib')
      .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .split(/[^a-z\d%]+/)
      .filter((word) => word !== '')
  );
}
