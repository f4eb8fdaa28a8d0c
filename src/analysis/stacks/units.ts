/** Units that profiles use, in the smallest one of their kind; names are taken in any case and with or without a plural "s". */
const BYTE_FACTORS = ['b', 'kb', 'mb', 'gb', 'tb', 'pb'];
const LONG_BYTE_NAMES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'];
const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  nanosecond: 1,
  us: 1e3,
  μs: 1e3,
  microsecond: 1e3,
  ms: 1e6,
  millisecond: 1e6,
  s: 1e9,
  sec: 1e9,
  second: 1e9,
  hr: 3.6e12,
  hour: 3.6e12,
};

interface Sized {
  kind: 'bytes' | 'time';
  factor: number;
}

function sized(unit: string): Sized | null {
  let name = unit.toLowerCase();
  if (name.length > 2 && name.endsWith('s')) name = name.slice(0, -1);
  const power = Math.max(
    BYTE_FACTORS.indexOf(name),
    LONG_BYTE_NAMES.indexOf(name),
    BYTE_FACTORS.map((short) => `${short}yte`).indexOf(name),
  );
  if (power >= 0) return { kind: 'bytes', factor: 1024 ** power };
  const nanoseconds = NANOSECONDS[name];
  return nanoseconds === undefined ? null : { kind: 'time', factor: nanoseconds };
}

/** By what a value in one unit is multiplied to be in the other; null when they measure different things. */
export function unitRatio(from: string, to: string): number | null {
  if (from === to) return 1;
  const [source, target] = [sized(from), sized(to)];
  if (source === null || target === null || source.kind !== target.kind) return null;
  return source.factor / target.factor;
}
