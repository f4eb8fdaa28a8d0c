import type { Command } from '@commander-js/extra-typings';
import { compareFiles } from '../../library/compare-files.ts';
import type { Context } from '../context.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { Progress } from '../progress.ts';
import { type DiffDocument, diffLines } from '../render/diff.ts';
import { jsonText } from '../render/json.ts';
import { paint } from '../render/text.ts';

const SHOWN_CLASSES = 25;

/** `stanch diff`: what grew, by class and by object. */
export function diffCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('diff', context, [
    ['stanch diff before.heapsnapshot after.heapsnapshot', 'what grew, what is new, what is gone'],
    [
      'stanch diff A.heapsnapshot B.heapsnapshot C.heapsnapshot --limit 50',
      'growth over three dumps, 50 classes',
    ],
  ])
    .description('say what grew between two or more dumps')
    .argument('<dumps...>', 'two or more dumps, or a folder of them; - is standard input')
    .option(
      '--limit <n>',
      `at most so many classes in the text (${SHOWN_CLASSES}); JSON holds all`,
      wholeNumber,
    )
    .option('--partial', 'use the readable part of truncated dumps')
    .option('--json', 'one JSON document on standard output')
    .action(async (paths, { json, limit, partial }) => {
      const progress = new Progress(output);
      const { diff, evidence } = await compareFiles(paths, {
        partial,
        stdin: output.stdin,
        onProgress: progress.report,
      }).finally(() => progress.end());
      const document: DiffDocument = {
        schema: 'stanch/diff@1',
        evidence: evidence.dumps.map(({ label, file, format, sizeBytes, at }) => ({
          label,
          file,
          format,
          bytes: sizeBytes,
          at,
        })),
        unreadable: evidence.unreadable,
        notes: evidence.notes,
        ...diff,
      };
      output.result(
        json
          ? jsonText(document)
          : paint(diffLines(document, limit ?? SHOWN_CLASSES, output.width), output.colours),
      );
    });
  return command as unknown as Command;
}
