import type { Heap } from '../analysis/heap.ts';
import { openHeap } from '../sources/open-heap.ts';
import { streamingSource } from '../sources/stream.ts';
import type { Output } from './output.ts';
import { Progress } from './progress.ts';

export interface OpenFlags {
  readonly partial?: true | undefined;
  readonly showValues?: true | undefined;
}

/** Opens a dump for a command, with progress on the terminal, and asks it something. `-` is standard input. */
export async function askHeap<Answer>(
  path: string,
  flags: OpenFlags,
  output: Output,
  ask: (heap: Heap) => Answer,
): Promise<Answer> {
  const progress = new Progress(output);
  try {
    const source = path === '-' ? streamingSource(output.stdin, '<stdin>') : path;
    const heap = await openHeap(source, {
      partial: flags.partial ?? false,
      showValues: flags.showValues ?? false,
      onProgress: progress.report,
    });
    progress.say('computing what each object keeps');
    try {
      return ask(heap);
    } finally {
      heap.close();
    }
  } finally {
    progress.end();
  }
}
