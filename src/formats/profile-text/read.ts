import type { ByteSource } from '../../base/byte-source.ts';
import type { LongCall } from '../../base/progress.ts';
import { readAll } from '../../base/read-all.ts';
import type { StackProfile, ValueType } from '../../model/stack-profile.ts';
import { type ProfileFacts, StackProfileBuilder } from '../../model/stack-profile-builder.ts';
import { contentionProfile } from './contention.ts';
import { countProfile } from './count.ts';
import { heapProfile } from './heap.ts';
import { memoryMap } from './memory-map.ts';
import { StackReader } from './stacks.ts';
import { TextLines } from './text-lines.ts';

/** A string of V8 holds no more. */
const MAX_BYTES = 2 ** 29 - 24;

/** What the three forms work on; `lines` stands on the first line. */
export interface TextProfile {
  readonly lines: TextLines;
  open(types: readonly ValueType[]): OpenProfile;
}

export interface OpenProfile {
  readonly builder: StackProfileBuilder;
  readonly stacks: StackReader;
  finish(facts: ProfileFacts, isGo: boolean): StackProfile;
}

/**
 * Reads pprof's legacy text forms: `heap profile:` with MemStats, `NAME profile: total` with labels, `--- mutex:` and `--- contention:`.
 *
 * @throws FormatError with the byte offset of the line that makes no sense
 * @example
 * import { openFile, readProfileText } from 'stanch';
 *
 * const { sampleTypes, sampleCount } = await readProfileText(openFile('goroutine-debug1.txt'));
 * process.stdout.write(`${sampleCount} stacks of ${sampleTypes[0].type}\n`);
 */
export async function readProfileText(source: ByteSource, options: LongCall = {}): Promise<StackProfile> {
  const bytes = await readAll(source, options.signal, MAX_BYTES);
  return parseProfileText(new TextDecoder().decode(bytes), source.name);
}

/**
 * The same for text in memory.
 *
 * @throws FormatError with the byte offset of the line that makes no sense
 */
export function parseProfileText(text: string, file: string = '<text>'): StackProfile {
  const lines = new TextLines(text, file);
  do {
    if (!lines.advance()) throw lines.error('the first line of a profile');
  } while (lines.line.trim() === '' || lines.line.startsWith('#'));
  const profile = textProfile(lines, text, file);
  if (lines.line.startsWith('heap profile:')) return heapProfile(profile);
  if (lines.line.startsWith('---')) return contentionProfile(profile);
  return countProfile(profile);
}

function textProfile(lines: TextLines, text: string, file: string): TextProfile {
  return {
    lines,
    open: (types) => {
      const builder = new StackProfileBuilder('native', 'profile-text', file, types);
      return {
        builder,
        stacks: new StackReader(builder, memoryMap(text)),
        finish: (facts, isGo) => ({ ...builder.finish(facts), runtime: isGo ? 'go' : 'native' }),
      };
    },
  };
}
