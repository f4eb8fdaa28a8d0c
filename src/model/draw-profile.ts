import { NONE, type ProfileRuntime, type StackProfile } from './stack-profile.ts';
import { type ProfileFacts, StackProfileBuilder } from './stack-profile-builder.ts';

const FRAME = /^(.*?)(?:@(.*):(\d+))?$/;
const NUMBER_LABEL = /^(.+)=(-?\d+)([a-z]+)$/;

/**
 * A profile drawn in text, for tests. The first line has the sample types; each further one a sample: frames from the outermost to the
 * innermost with `>` between calls and `+` before an inlined call, its values, its labels (`key=text`, `key=12bytes` for a number).
 *
 * @example
 * drawProfile(`
 *   inuse_objects/count inuse_space/bytes
 *   main@main.go:3 > work@work.go:7 + alloc@work.go:9 | 2 64 | tenant=acme bytes=32bytes
 * `);
 */
export function drawProfile(
  text: string,
  facts: ProfileFacts = {},
  runtime: ProfileRuntime = 'go',
): StackProfile {
  const [head, ...rows] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const types = head!.split(/\s+/).map((each) => {
    const [type, unit] = each.split('/');
    return { type: type!, unit: unit ?? 'count' };
  });
  const builder = new StackProfileBuilder(runtime, 'drawn', 'drawn', types);
  for (const row of rows) {
    const [stack = '', values = '', labels = ''] = row.split('|').map((part) => part.trim());
    const places = stack === '' ? [] : stack.split('>').map((place) => drawPlace(builder, place));
    builder.sample(builder.stack(places.reverse()), values.split(/\s+/).map(Number));
    for (const label of labels.split(/\s+/).filter((each) => each !== '')) {
      const [, key, number, unit] = NUMBER_LABEL.exec(label) ?? [];
      const equals = label.indexOf('=');
      if (key === undefined) builder.textLabel(label.slice(0, equals), label.slice(equals + 1));
      else builder.numberLabel(key, Number(number), unit);
    }
  }
  return builder.finish(facts);
}

function drawPlace(builder: StackProfileBuilder, text: string): number {
  const lines = text.split('+').map((frame) => {
    const [, name, file = '', line = '0'] = FRAME.exec(frame.trim())!;
    return { function: builder.function(name!, file), line: Number(line) };
  });
  return builder.inlinedLocation(lines.reverse(), 0, NONE);
}
