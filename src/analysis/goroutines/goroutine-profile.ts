import { ELIDED_FRAME, framesOf, GOROUTINE_LEAKED, type GoroutineDump } from '../../model/goroutines.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { StackProfileBuilder } from '../../model/stack-profile-builder.ts';

/**
 * A dump as a profile: one sample a goroutine with the value 1, the labels `goroutine`, `state`, `wait` (minutes), `created by`,
 * `creator` and those that the program set.
 */
export function goroutineProfile(dump: GoroutineDump): StackProfile {
  const builder = new StackProfileBuilder('go', dump.format, dump.file, [
    { type: 'goroutine', unit: 'count' },
  ]);
  const stacks = new Map<number, number>();
  for (let row = 0; row < dump.count; row++) {
    const index = dump.stack[row]!;
    let stack = stacks.get(index);
    if (stack === undefined) {
      const locations = framesOf(dump, index)
        .filter((frame) => frame.function !== ELIDED_FRAME)
        .map((frame) => builder.location(builder.function(frame.function, frame.file), frame.line));
      stack = builder.stack(locations);
      stacks.set(index, stack);
    }
    builder.sample(stack, [1]);
    builder.numberLabel('goroutine', dump.id[row]!);
    builder.textLabel('state', dump.states[dump.state[row]!]!);
    if (dump.waitMinutes[row]! > 0) builder.numberLabel('wait', dump.waitMinutes[row]!, 'minutes');
    if (dump.creation[row]! > 0) {
      const { function: name, file, line } = dump.creations[dump.creation[row]!]!;
      builder.textLabel('created by', `${name} ${file}:${line}`);
    }
    if (dump.creatorId[row]! > 0) builder.numberLabel('creator', dump.creatorId[row]!);
    if ((dump.flags[row]! & GOROUTINE_LEAKED) !== 0) builder.textLabel('leaked', 'yes');
    for (const { key, value } of dump.labelSets[dump.labelSet[row]!]!) builder.textLabel(key, value);
  }
  return builder.finish({ warnings: dump.cut ? [`the text is cut at byte ${dump.cut.offset}`] : [] });
}
