import type { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { askHeap } from '../open-for-command.ts';
import { jsonText } from '../render/json.ts';
import { type ObjectDocument, objectLines } from '../render/object.ts';
import { paint } from '../render/text.ts';

const SHOWN = 15;

/** `stanch object`: everything about one object. */
export function objectCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('object', context, [
    ['stanch object app.heapsnapshot n-1234', 'its size, what it refers to, what refers to it'],
    ['stanch object app.heapsnapshot n-1234 --limit 100 --show-values', 'more of it, values in full'],
  ])
    .description('show one object: sizes, references, retainers')
    .argument('<dump>', 'a heap dump; - is standard input')
    .argument('<handle>', 'n- and a number, as the other commands show them')
    .option('--limit <n>', `at most so many references and retainers (${SHOWN})`, wholeNumber)
    .option('--show-values', 'show values of strings instead of masking them')
    .option('--partial', 'use the readable part of a truncated dump')
    .option('--json', 'one JSON document on standard output')
    .action(async (path, handle, options) => {
      const document = await askHeap(
        path,
        options,
        output,
        (heap): ObjectDocument => ({
          schema: 'stanch/object@1',
          file: heap.graph.file,
          partial: heap.graph.partial?.missing ?? null,
          ...heap.object(handle, { limit: options.limit ?? SHOWN }),
        }),
      );
      output.result(
        options.json ? jsonText(document) : paint(objectLines(document, output.width), output.colours),
      );
    });
  return command as unknown as Command;
}
