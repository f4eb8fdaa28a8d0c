import type { Command } from '@commander-js/extra-typings';
import { Option } from '@commander-js/extra-typings';
import type { Heap } from '../../analysis/heap.ts';
import { UsageError } from '../../base/errors.ts';
import { totalBytes } from '../../model/heap-graph.ts';
import type { Context } from '../context.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { askHeap } from '../open-for-command.ts';
import { jsonText } from '../render/json.ts';
import { type ObjectsDocument, objectsLines } from '../render/objects.ts';
import { paint } from '../render/text.ts';

const SHOWN = 25;

/** `stanch objects`: the classes of a heap, or the objects of one class. */
export function objectsCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('objects', context, [
    ['stanch objects app.heapsnapshot', 'the classes that keep most'],
    ['stanch objects app.heapsnapshot --class Session --limit 5', 'the five sessions that keep most'],
    ['stanch objects app.heapsnapshot --class "(string)" --sort self --show-values', 'the longest strings'],
  ])
    .description('list the classes of a heap, or the objects of one class')
    .argument('<dump>', 'a heap dump; - is standard input')
    .option('--class <name>', 'list the objects of this class')
    .option('--min-bytes <n>', 'list the objects of this own size or larger', wholeNumber)
    .addOption(
      new Option('--sort <by>', 'largest first by')
        .choices(['retained', 'self', 'count'] as const)
        .default('retained' as const),
    )
    .option('--limit <n>', `at most so many lines (${SHOWN})`, wholeNumber)
    .option('--show-values', 'show values of strings instead of masking them')
    .option('--partial', 'use the readable part of a truncated dump')
    .option('--json', 'one JSON document on standard output')
    .action(async (path, options) => {
      const { class: className, minBytes, sort, limit = SHOWN } = options;
      const bySize = sort === 'count' ? null : sort;
      if (className !== undefined && bySize === null) {
        throw new UsageError('--sort count is for classes', 'objects can be sorted by retained or self');
      }
      const document = await askHeap(path, options, output, (heap): ObjectsDocument => {
        const all = heap.classes({ sort });
        const listing =
          className === undefined && minBytes === undefined
            ? { classes: all.slice(0, limit), classCount: all.length }
            : objectsOf(heap, { className, minBytes: minBytes ?? 0, sort: bySize ?? 'self', limit });
        return {
          schema: 'stanch/objects@1',
          file: heap.graph.file,
          format: heap.graph.format,
          partial: heap.graph.partial?.missing ?? null,
          total: {
            objects: all.reduce((sum, { objects }) => sum + objects, 0),
            bytes: totalBytes(heap.graph),
          },
          sort,
          ...listing,
        };
      });
      output.result(
        options.json ? jsonText(document) : paint(objectsLines(document, output.width), output.colours),
      );
    });
  return command as unknown as Command;
}

function objectsOf(
  heap: Heap,
  query: { className: string | undefined; minBytes: number; sort: 'retained' | 'self'; limit: number },
) {
  const { className, minBytes, sort, limit } = query;
  const filter = { ...(className === undefined ? {} : { class: className }), minBytes };
  return {
    class: className ?? `any class, ${minBytes.toLocaleString('en-US')} bytes or larger`,
    objects: heap.objects({ ...filter, sort, limit }),
    objectCount: heap.countOf(filter),
  };
}
