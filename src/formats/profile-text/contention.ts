import type { StackProfile } from '../../model/stack-profile.ts';
import type { TextProfile } from './read.ts';

const HEADER = /^--- (?:mutex:|contention:|contentionz )/;
const ATTRIBUTE = /^([a-z/ ]+?) *= *(-?\d+)/;
const RECORD = /^(\d+) +(\d+) @((?: 0x[0-9a-f]+)*)\s*$/;

/** `mutex?debug=1`, `block?debug=1` of Go and `contentionz` of C++: cycles waited, times waited. */
export function contentionProfile({ lines, open }: TextProfile): StackProfile {
  if (!HEADER.test(lines.line)) throw lines.error('"--- mutex:" or "--- contention:"');
  const isGo = !lines.line.startsWith('--- contentionz');
  const { builder, stacks, finish } = open([
    { type: 'contentions', unit: 'count' },
    { type: 'delay', unit: 'nanoseconds' },
  ]);
  const attributes = new Map<string, number>();
  while (lines.advance()) {
    const line = lines.line.trim();
    if (line.startsWith('---')) break;
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value] = ATTRIBUTE.exec(line) ?? [];
    if (name !== undefined) {
      attributes.set(name, Number(value));
      continue;
    }
    const [, cycles, count, addresses] = RECORD.exec(line) ?? [];
    if (addresses === undefined) throw lines.error('"CYCLES COUNT @ ADDRESSES"');
    const period = attributes.get('sampling period') ?? 1;
    const cyclesPerSecond = attributes.get('cycles/second') ?? 0;
    let delay = Number(cycles);
    let contentions = Number(count);
    if (period > 0) {
      if (cyclesPerSecond > 0) delay = Math.trunc((delay * period) / (cyclesPerSecond / 1e9));
      contentions *= period;
    }
    builder.sample(stacks.read(addresses, lines).stack, [contentions, delay]);
  }
  return finish(
    {
      periodType: { type: 'contentions', unit: 'count' },
      period: attributes.get('sampling period') ?? 1,
      durationNanos: (attributes.get('ms since reset') ?? 0) * 1e6,
      figures: attributes,
    },
    isGo,
  );
}
