import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';
import type { LongCall } from '../../base/progress.ts';
import { readAll } from '../../base/read-all.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { StackProfileBuilder } from '../../model/stack-profile-builder.ts';

/**
 * `HeapProfiler.SamplingHeapProfile` of the Chrome DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/tot/HeapProfiler/#type-SamplingHeapProfile), as `node --heap-prof`
 * and the inspector write it. Lines and columns count from 0. `selfSize` is already scaled up from what was sampled.
 */
interface ProfileNode {
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly selfSize: number;
  readonly children: readonly unknown[];
}

const SAMPLE_TYPES = [{ type: 'inuse_space', unit: 'bytes' }];
/** A call stack is never as deep as this; a file that is was made to exhaust memory. */
const MAX_DEPTH = 20_000;
const MAX_BYTES = 512 << 20;

/**
 * Reads a sampling heap profile of V8 (`.heapprofile`): live bytes by the stack that allocated them.
 *
 * @throws FormatError when it is no JSON, or not of this shape
 */
export async function readHeapProfile(source: ByteSource, options: LongCall = {}): Promise<StackProfile> {
  const bytes = await readAll(source, options.signal, MAX_BYTES);
  const builder = new StackProfileBuilder('node', 'v8-heapprofile', source.name, SAMPLE_TYPES);
  const head = headOf(source.name, bytes);
  // Depth first with a stack of our own: `path` holds the locations from the root to the node.
  const path: number[] = [];
  const waiting: { node: unknown; depth: number }[] = [{ node: head, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { callFrame, selfSize, children } = nodeOf(source.name, next.node);
    if (next.depth > MAX_DEPTH) throw wrong(source.name, `at most ${MAX_DEPTH} calls in one stack`, 'more');
    path.length = next.depth;
    const { functionName, url, lineNumber, columnNumber } = callFrame;
    path.push(
      builder.location(
        builder.function(functionName, url.replace(/^file:\/\//, '')),
        lineNumber + 1,
        columnNumber + 1,
      ),
    );
    // The tree's root stands for no function.
    if (selfSize > 0) builder.sample(builder.stack(path.slice(1).reverse()), [selfSize]);
    for (const child of children) waiting.push({ node: child, depth: next.depth + 1 });
  }
  return builder.finish();
}

function headOf(file: string, bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    const { head } = JSON.parse(text) as { head?: unknown };
    if (head !== undefined) return head;
  } catch (cause) {
    throw new FormatError({
      file,
      offset: bytes.length,
      expected: 'JSON of a sampling heap profile',
      found: cause instanceof Error ? cause.message : 'something else',
      hint: 'the profile was probably cut while it was written',
    });
  }
  throw wrong(file, 'a tree called "head"', 'none');
}

function nodeOf(file: string, node: unknown): ProfileNode {
  const { callFrame, selfSize, children } = (node ?? {}) as Partial<ProfileNode>;
  const frame = (callFrame ?? {}) as Partial<ProfileNode['callFrame']>;
  if (
    typeof frame.functionName !== 'string' ||
    typeof selfSize !== 'number' ||
    !(selfSize >= 0) ||
    !Array.isArray(children)
  )
    throw wrong(file, 'nodes with callFrame, selfSize and children', 'others');
  const whole = (value: unknown): number =>
    Number.isInteger(value) && (value as number) >= 0 ? (value as number) : -1;
  return {
    callFrame: {
      functionName: frame.functionName,
      url: typeof frame.url === 'string' ? frame.url : '',
      lineNumber: whole(frame.lineNumber),
      columnNumber: whole(frame.columnNumber),
    },
    selfSize,
    children,
  };
}

function wrong(file: string, expected: string, found: string): FormatError {
  return new FormatError({ file, offset: 0, expected, found });
}
