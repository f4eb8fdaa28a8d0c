/** What happened, as far as it matters to memory. */
export type EventKind =
  | 'deploy'
  | 'restart'
  | 'oom-kill'
  | 'alert'
  | 'scale'
  | 'limit-change'
  | 'log'
  | 'other';

/** Dated events in the order of time: one entry of each array is one event. */
export interface EventStream {
  /** File, URL or process that it was read from. */
  readonly source: string;
  /** Milliseconds since 1970 UTC, ascending; several events may share one time. */
  readonly times: Float64Array;
  readonly kinds: readonly EventKind[];
  /** What was said: a commit, a version, a log line. */
  readonly texts: readonly string[];
  /** Facts of each event: pod, level, version. Empty where there are none. */
  readonly labels: readonly Readonly<Record<string, string>>[];
}

export interface DatedEvent {
  readonly atMs: number;
  readonly kind: EventKind;
  readonly text: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A stream of events given in any order; those without a time are dropped. */
export function eventStreamFrom(source: string, events: readonly DatedEvent[]): EventStream {
  const sorted = events.filter(({ atMs }) => Number.isFinite(atMs)).toSorted((a, b) => a.atMs - b.atMs);
  return {
    source,
    times: Float64Array.from(sorted, ({ atMs }) => atMs),
    kinds: sorted.map(({ kind }) => kind),
    texts: sorted.map(({ text }) => text),
    labels: sorted.map(({ labels }) => labels ?? {}),
  };
}
