import type { Clock } from './clock.ts';
import type { Draws } from './draws.ts';

export type Columns = Readonly<Record<string, Float64Array>>;

export interface Truth {
  /** Null when the numbers do not say. */
  readonly leak: boolean | null;
  /** An hour. */
  readonly slope?: number;
  /** Seconds since the first look; null when it leaked all the time. */
  readonly onset?: number | null;
  /** Hours from the last look to the limit. */
  readonly ttl?: number | undefined;
}

export interface Made {
  readonly clock: Clock;
  readonly columns: Columns;
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  readonly truth: Truth;
  readonly limit?: number | undefined;
  /** The user names the limit, where half of them do otherwise. */
  readonly always?: boolean;
  /** False when things are counted. */
  readonly bytes?: boolean;
  /** Rows come as they should. */
  readonly clean?: boolean;
}

export type Maker = (draw: Draws) => Made;

type More = Partial<Made>;

export const healthy = (clock: Clock, columns: Columns, more: More = {}): Made => ({
  clock,
  columns,
  truth: { leak: false },
  ...more,
});

export const leaking = (
  clock: Clock,
  columns: Columns,
  truth: Omit<Truth, 'leak'> = {},
  more: More = {},
): Made => ({
  clock,
  columns,
  truth: { leak: true, ...truth },
  ...more,
});

export const untellable = (clock: Clock, columns: Columns): Made => ({
  clock,
  columns,
  truth: { leak: null },
});
