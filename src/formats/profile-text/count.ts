import type { StackProfile } from '../../model/stack-profile.ts';
import type { TextProfile } from './read.ts';

const HEADER = /^(\S+) profile: total (\d+)\s*$/;
const RECORD = /^(\d+) @((?: 0x[0-9a-f]+)*)\s*$/;

/** `goroutine?debug=1`, `goroutineleak?debug=1`, `threadcreate?debug=1` and a program's own profiles. */
export function countProfile({ lines, open }: TextProfile): StackProfile {
  const [, name, total] = HEADER.exec(lines.line) ?? [];
  if (name === undefined) throw lines.error('"NAME profile: total COUNT"');
  const type = { type: name, unit: 'count' };
  const { builder, stacks, finish } = open([type]);
  let sum = 0;
  while (lines.advance()) {
    const line = lines.line.trim();
    if (line.startsWith('---')) break;
    if (line === '' || line.startsWith('#')) continue;
    const [, count, addresses] = RECORD.exec(line) ?? [];
    if (addresses === undefined) throw lines.error('"COUNT @ ADDRESSES"');
    const { stack, labels } = stacks.read(addresses, lines);
    builder.sample(stack, [Number(count)]);
    for (const [key, value] of labels) builder.textLabel(key, value);
    sum += Number(count);
  }
  const warnings =
    sum === Number(total)
      ? []
      : [`The first line counts ${total}, the stacks sum up to ${sum}: part of it is missing.`];
  return finish({ periodType: type, period: 1, warnings }, true);
}
