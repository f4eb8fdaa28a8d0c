import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, StanchError } from '../../base/errors.ts';
import { F64List } from '../../base/f64-list.ts';
import type { OnProgress } from '../../base/progress.ts';
import { type SeriesSet, seriesFrom } from '../../model/series.ts';
import { unitOfName } from '../../model/series-unit.ts';
import { cgroupOf, type MemorySample, sampleCgroup, sampleProcess } from './memory-sample.ts';

export interface SamplerOptions {
  /** How long to watch. */
  readonly forMs: number;
  /** Time between looks; as short as gives about 400 of them when absent, but a second at least. */
  readonly everyMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly proc?: string | undefined;
  readonly cgroupMount?: string | undefined;
}

const LOOKS = 400;
const LEAST_EVERY_MS = 1000;

/** All looks at a thing as series, one for each metric. */
class SampleLog {
  private readonly all = new Map<string, { times: F64List; values: F64List }>();

  add(atMs: number, sample: MemorySample): void {
    for (const [name, value] of Object.entries(sample)) {
      let points = this.all.get(name);
      if (!points) {
        points = { times: new F64List(), values: new F64List() };
        this.all.set(name, points);
      }
      points.times.push(atMs);
      points.values.push(value);
    }
  }

  series(source: string, labels: Readonly<Record<string, string>> = {}): SeriesSet['series'] {
    return [...this.all].map(([name, { times, values }]) =>
      seriesFrom(
        {
          name,
          labels,
          unit: unitOfName(name)?.unit ?? (name.startsWith('container_memory_') ? 'bytes' : null),
          kind: name.endsWith('_total') ? 'counter' : 'gauge',
          source,
        },
        times.view(),
        values.view(),
      ),
    );
  }
}

/**
 * Watches a process and its cgroup for a time. Reading /proc does not stop the process; when the process ends before the time
 * is over, what was seen until then is given with a note.
 *
 * @throws StanchError `target-unreachable` (exit code 4) when there is no such process
 */
export async function watchProcess(pid: number, options: SamplerOptions): Promise<SeriesSet> {
  const everyMs = Math.max(LEAST_EVERY_MS, options.everyMs ?? options.forMs / LOOKS);
  const log = new SampleLog();
  const cgroup = cgroupOf(pid, options.proc, options.cgroupMount);
  const started = performance.now();
  const notes: string[] = [];
  for (let looks = 0; ; looks++) {
    const sample = sampleProcess(pid, options.proc);
    if (sample === null) {
      if (looks === 0) throw noSuchProcess(pid);
      notes.push(`process ${pid} ended while it was watched`);
      break;
    }
    log.add(Date.now(), { ...sample, ...(cgroup === null ? {} : sampleCgroup(cgroup)) });
    const elapsedMs = performance.now() - started;
    options.onProgress?.('watching, seconds', Math.round(elapsedMs / 1000), Math.round(options.forMs / 1000));
    if (elapsedMs >= options.forMs) break;
    // The next look is due by the clock, so that reading does not add up.
    const dueMs = Math.min(options.forMs, (looks + 1) * everyMs);
    await delay(Math.max(0, dueMs - elapsedMs), undefined, options.signal ? { signal: options.signal } : {});
  }
  return { series: log.series(`pid ${pid}`, { pid: String(pid) }), events: [], notes };
}

function noSuchProcess(pid: number): StanchError {
  return new StanchError(`no process ${pid} that can be looked at`, {
    code: 'target-unreachable',
    exitCode: EXIT.unreachable,
    hint: 'check the pid, and that you are its owner or root',
  });
}
