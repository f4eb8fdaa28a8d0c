import type { HeapGraph, ProcessFacts } from '../../model/heap-graph.ts';
import {
  booleanOf,
  type Fields,
  listOf,
  numberOf,
  numberOrNull,
  recordOf,
  textOf,
  textOrNull,
} from './json-part.ts';
import { NO_NODE, type Objects, type Place } from './objects.ts';
import type { RawDump } from './raw.ts';
import { type LooseCycles, nodeFinder } from './roots.ts';

/** A function behind `functools.lru_cache`. */
export interface LruCache {
  readonly node: number;
  /** Name of the wrapped function; '' when it is not written in Python. */
  readonly name: string;
  readonly place: Place | null;
  readonly entries: number;
  /** null for `maxsize=None`. */
  readonly maxEntries: number | null;
  readonly hits: number;
  readonly misses: number;
}

/** An asyncio task and where it waits. */
export interface AsyncioTask {
  readonly node: number;
  readonly coroutineNode: number | null;
  readonly name: string;
  readonly isDone: boolean;
  readonly coroutine: string;
  readonly startedAt: Place | null;
  /** Frames of the chain of awaits, outermost first: the last is the line that waits. */
  readonly stack: readonly { readonly name: string; readonly place: Place | null }[];
  /** Class of what is awaited; '' when that is a coroutine without a frame. */
  readonly waitsFor: string;
}

/** What the agent knew beside the objects. Bytes; null where it was not told. */
export interface PythonFacts {
  readonly implementation: string;
  /** `fork`: one moment. `process`: other threads went on, so that the dump may be torn. */
  readonly mode: string;
  readonly withValues: boolean;
  readonly startedAtSeconds: number | null;
  readonly gc: {
    readonly enabled: boolean | null;
    /** Objects that `gc.freeze` has taken out of the collector's sight. */
    readonly frozen: number;
    readonly thresholds: readonly number[];
    /** Objects in `gc.garbage`. */
    readonly garbage: number;
    /** `gc.set_debug` flags: 32 (SAVEALL, part of DEBUG_LEAK) is a leak by itself. */
    readonly debug: number;
  };
  /** Open descriptors by what they are: `socket`, `pipe`, `file`, `eventpoll`, … */
  readonly descriptors: ReadonlyMap<string, number>;
  readonly threadCount: number;
  /** Python's own allocator and that of C, as they counted in the copy of the process. */
  readonly pymalloc: {
    readonly usedBytes: number;
    readonly freeBytes: number;
    readonly arenaBytes: number;
  } | null;
  readonly malloc: {
    readonly arenaBytes: number;
    readonly usedBytes: number;
    readonly freeBytes: number;
    readonly mappedBytes: number;
  } | null;
  readonly tracemallocFrames: number | null;
  readonly lruCaches: readonly LruCache[];
  readonly tasks: readonly AsyncioTask[];
  /** Cycles that no known root leads to: garbage not collected yet, or held by C code. */
  readonly looseCycles: LooseCycles;
  readonly danglingReferences: number;
}

/** A graph with what is known of Python beside it. */
export interface PythonHeapGraph extends HeapGraph {
  readonly python: PythonFacts;
}

/** The facts of a graph of this format; null for other graphs. */
export function pythonFactsOf(graph: HeapGraph): PythonFacts | null {
  return 'python' in graph ? (graph as PythonHeapGraph).python : null;
}

export function processFacts(raw: RawDump): ProcessFacts {
  const header = recordOf(raw.header?.value);
  return {
    pid: numberOrNull(header.pid),
    at: textOrNull(header.at),
    version: textOrNull(header.python),
    rssBytes: numberOrNull(header.rss),
    rssAfterTrimBytes: afterTrim(header),
    allocator: textOrNull(header.allocator),
    settings: listOf(header.settings).map(textOf),
    collects: booleanOf(recordOf(header.gc).enabled),
  };
}

/** The copy of the process has some pages less: what trimming took from it is taken from the process's own figure. */
function afterTrim(header: Fields): number | null {
  const { before, after } = recordOf(header.trim);
  const rss = numberOrNull(header.rss);
  if (rss === null || typeof before !== 'number' || typeof after !== 'number') return null;
  return Math.max(0, rss - Math.max(0, before - after));
}

export function pythonFacts(
  raw: RawDump,
  objects: Objects,
  looseCycles: LooseCycles,
  danglingReferences: number,
): PythonFacts {
  const header = recordOf(raw.header?.value);
  const facts = recordOf(recordOf(raw.extra?.value).facts);
  const collector = recordOf(header.gc);
  const nodeAt = nodeFinder(objects);
  const at = (value: unknown): number => nodeAt(numberOf(value));
  return {
    implementation: textOf(header.implementation),
    mode: textOf(header.mode),
    withValues: header.values === true,
    startedAtSeconds: numberOrNull(header.startedAt),
    gc: {
      enabled: booleanOf(collector.enabled),
      frozen: numberOf(collector.frozen),
      thresholds: listOf(collector.thresholds).map(numberOf),
      garbage: numberOf(collector.garbage),
      debug: numberOf(collector.debug),
    },
    descriptors: new Map(
      Object.entries(recordOf(header.descriptors)).map(([kind, count]) => [kind, numberOf(count)]),
    ),
    threadCount: numberOf(header.threads),
    pymalloc: figures(header.pymalloc, ['usedBytes', 'freeBytes', 'arenaBytes']),
    malloc: figures(header.malloc, ['arenaBytes', 'usedBytes', 'freeBytes', 'mappedBytes']),
    tracemallocFrames: numberOrNull(recordOf(header.tracemalloc).frames),
    lruCaches: listOf(facts.lru).flatMap((row) => {
      const [address, hits, misses, maxEntries, entries, name, file, line] = listOf(row);
      const node = at(address);
      if (node === NO_NODE) return [];
      return {
        node,
        name: textOf(name),
        place: placeOf(file, line),
        entries: numberOf(entries),
        maxEntries: numberOrNull(maxEntries),
        hits: numberOf(hits),
        misses: numberOf(misses),
      };
    }),
    tasks: listOf(facts.tasks).flatMap((row) => {
      const [address, coroutine, name, isDone, first, stack, waitsFor] = listOf(row);
      const node = at(address);
      if (node === NO_NODE) return [];
      const coroutineNode = at(coroutine);
      const [firstName, firstFile, firstLine] = listOf(first);
      return {
        node,
        coroutineNode: coroutineNode === NO_NODE ? null : coroutineNode,
        name: textOf(name),
        isDone: isDone === true,
        coroutine: textOf(firstName),
        startedAt: placeOf(firstFile, firstLine),
        stack: listOf(stack).map((frame) => {
          const [frameName, file, line] = listOf(frame);
          return { name: textOf(frameName), place: placeOf(file, line) };
        }),
        waitsFor: textOf(waitsFor),
      };
    }),
    looseCycles,
    danglingReferences,
  };
}

function placeOf(file: unknown, line: unknown): Place | null {
  return textOf(file) === '' || numberOf(line) === 0 ? null : { file: textOf(file), line: numberOf(line) };
}

function figures<Name extends keyof Fields>(
  value: unknown,
  names: readonly Name[],
): Record<Name, number> | null {
  const record = recordOf(value);
  if (!names.some((name) => typeof record[name] === 'number')) return null;
  return Object.fromEntries(names.map((name) => [name, numberOf(record[name])])) as Record<Name, number>;
}
