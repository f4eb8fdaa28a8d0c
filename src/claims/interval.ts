/** A value with the bounds that rounding and "about" leave. */
export interface Interval {
  readonly low: number;
  readonly value: number;
  readonly high: number;
}

export function exactly(value: number): Interval {
  return { low: value, value, high: value };
}

export function plus(a: Interval, b: Interval): Interval {
  return { low: a.low + b.low, value: a.value + b.value, high: a.high + b.high };
}

export function minus(a: Interval, b: Interval): Interval {
  return { low: a.low - b.high, value: a.value - b.value, high: a.high - b.low };
}

/** For factors that are not negative. */
export function times(a: Interval, b: Interval): Interval {
  return { low: a.low * b.low, value: a.value * b.value, high: a.high * b.high };
}

/** For a dividend of any sign and a positive divisor. */
export function over(a: Interval, b: Interval): Interval {
  const low = Math.max(b.low, Number.MIN_VALUE);
  return {
    low: a.low / (a.low < 0 ? low : b.high),
    value: a.value / b.value,
    high: a.high / (a.high < 0 ? b.high : low),
  };
}

/** MB may have meant MiB, and people round: this much more is allowed before two numbers disagree. */
const SLACK = 0.08;

/** True when some number could be both, with `slack` as a share of the larger. */
export function agree(a: Interval, b: Interval, slack: number = SLACK): boolean {
  const room = slack * Math.max(Math.abs(a.value), Math.abs(b.value));
  return a.low <= b.high + room && b.low <= a.high + room;
}
