import { InvalidArgumentError } from 'commander';

const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

export type DurationUnit = keyof typeof UNITS_MS;

/** Reads an option such as `90s` or `2h` in one of some units; milliseconds. */
export function durationIn(units: readonly DurationUnit[], examples: string): (text: string) => number {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?)(${units.join('|')})$`);
  return (text) => {
    const match = pattern.exec(text.trim());
    if (!match || Number(match[1]) <= 0)
      throw new InvalidArgumentError(`It must be a duration, as ${examples}.`);
    return Number(match[1]) * UNITS_MS[match[2] as DurationUnit];
  };
}
