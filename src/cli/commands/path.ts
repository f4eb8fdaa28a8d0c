import type { Command } from '@commander-js/extra-typings';
import { UsageError } from '../../base/errors.ts';
import { isHandle } from '../../model/heap-graph.ts';
import type { Context } from '../context.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { askHeap } from '../open-for-command.ts';
import { jsonText } from '../render/json.ts';
import { type PathDocument, pathLines } from '../render/path.ts';
import { paint } from '../render/text.ts';

const SHOWN_WAYS = 5;

/** `stanch path`: what keeps an object alive. */
export function pathCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('path', context, [
    ['stanch path app.heapsnapshot n-1234', 'the best path from the roots to one object'],
    ['stanch path app.heapsnapshot n-1234 --all', 'all different ways in which it is held'],
    [
      'stanch path app.heapsnapshot Session --all',
      'how the objects of a class are held, and how many in each way',
    ],
  ])
    .description('show what keeps an object alive')
    .argument('<dump>', 'a heap dump; - is standard input')
    .argument('<handle>', 'n- and a number; with --all also the name of a class')
    .option('--all', 'all different ways of being held, grouped by shape')
    .option('--limit <n>', `with --all, at most so many ways (${SHOWN_WAYS})`, wholeNumber)
    .option('--show-values', 'show values of strings instead of masking them')
    .option('--partial', 'use the readable part of a truncated dump')
    .option('--json', 'one JSON document on standard output')
    .action(async (path, wanted, options) => {
      if (!options.all && !isHandle(wanted)) {
        throw new UsageError(
          `${wanted} is no handle`,
          'a handle is n- and a number, as `stanch objects` lists them; with --all a class will do',
        );
      }
      const document = await askHeap(path, options, output, (heap): PathDocument => {
        const head = {
          schema: 'stanch/path@1',
          file: heap.graph.file,
          partial: heap.graph.partial?.missing ?? null,
        } as const;
        return options.all
          ? { ...head, of: wanted, ...heap.paths(wanted, { limit: options.limit ?? SHOWN_WAYS }) }
          : { ...head, ...heap.path(wanted) };
      });
      output.result(
        options.json ? jsonText(document) : paint(pathLines(document, output.width), output.colours),
      );
    });
  return command as unknown as Command;
}
