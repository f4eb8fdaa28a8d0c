import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { MemoryFigures } from '../diagnosis/go/memory.ts';
import { parseOpenMetrics } from '../formats/openmetrics/read.ts';
import type { EvidenceProfile } from '../sources/evidence.ts';

const METRICS_FILE = /(?:^|[-_.])metrics?(?:[-_.].*)?\.(?:txt|prom|om)$|\.prom$/i;
const MAX_BYTES = 8_000_000;
/** Names of the Go collector of prometheus/client_golang, by what they say of the process. */
const FIGURES: Readonly<Record<keyof MemoryFigures, readonly string[]>> = {
  heapInUseBytes: ['go_memstats_heap_inuse_bytes'],
  stackBytes: ['go_memstats_stack_inuse_bytes'],
  idleBytes: [],
  runtimeBytes: [],
  rssBytes: ['process_resident_memory_bytes'],
};

/** What a scrape of `/metrics` that lies beside the profiles of a moment says of the memory of the process, by label of the moment. */
export function memoryBeside(profiles: readonly EvidenceProfile[]): Record<string, MemoryFigures> {
  const found: Record<string, MemoryFigures> = {};
  const labels = new Map<string, Set<string>>();
  for (const { file, label } of profiles) {
    const folder = dirname(file);
    labels.set(folder, (labels.get(folder) ?? new Set()).add(label));
  }
  for (const [folder, own] of labels) {
    for (const name of namesIn(folder)) {
      const label =
        own.size === 1
          ? [...own][0]!
          : [...own].find((each) => name.startsWith(`${each}-`) || name.startsWith(`${each}_`));
      if (label === undefined) continue;
      const figures = figuresOf(join(folder, name));
      if (figures) found[label] ??= figures;
    }
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => METRICS_FILE.test(name))
      .sort();
  } catch {
    return [];
  }
}

function figuresOf(file: string): MemoryFigures | null {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > MAX_BYTES) return null;
    const { series } = parseOpenMetrics(text, basename(file), 0);
    const last = (names: readonly string[]): number | undefined =>
      series.find(({ name }) => names.includes(name))?.values.at(-1);
    const figures = Object.fromEntries(
      Object.entries(FIGURES).flatMap(([figure, names]) => {
        const value = last(names);
        return value === undefined ? [] : [[figure, value]];
      }),
    ) as MemoryFigures;
    const [idle, released] = [
      last(['go_memstats_heap_idle_bytes']),
      last(['go_memstats_heap_released_bytes']),
    ];
    return {
      ...figures,
      ...(idle !== undefined && released !== undefined ? { idleBytes: Math.max(0, idle - released) } : {}),
    };
  } catch {
    return null;
  }
}
