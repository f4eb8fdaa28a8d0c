import type { Command } from '@commander-js/extra-typings';
import { holdsCase } from '../../casework/case-folder.ts';
import { diagnoseFiles } from '../../library/diagnose-files.ts';
import { diagnoseAndShowCase, EXIT_OF_DIAGNOSIS } from '../case-diagnosis.ts';
import type { Context } from '../context.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { Progress } from '../progress.ts';
import { diagnosisLines } from '../render/diagnosis.ts';
import { jsonText } from '../render/json.ts';
import { paint } from '../render/text.ts';

/** `stanch diagnose`: names the causes of growth. */
export function diagnoseCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('diagnose', context, [
    [
      'stanch diagnose A.heapsnapshot B.heapsnapshot C.heapsnapshot',
      'three dumps of one process, in any order',
    ],
    [
      'stanch diagnose dumps/ --source . --operations 12000',
      'a folder; file and line in your checkout; per request',
    ],
    ['stanch diagnose checkout-leak', 'a case: its dumps, and the answer is kept in it'],
    ['gunzip -c C.gz | stanch diagnose A.heapsnapshot - --json', 'one dump from standard input; JSON'],
  ])
    .description('name the causes of growth between dumps of one process')
    .argument(
      '<evidence...>',
      'heap dumps, profiles and folders of them, plain, .gz or .zst; a case; - is standard input',
    )
    .option('--source <dir>', "the service's checkout: findings carry file and line in it")
    .option('--top <n>', 'at most so many findings', wholeNumber)
    .option(
      '--operations <n>',
      'operations between the first and the last dump, for growth per operation',
      wholeNumber,
    )
    .option('--partial', 'use the readable part of truncated dumps')
    .option('--json', 'one JSON document on standard output')
    .action(async (paths, { json, ...options }) => {
      const [first = ''] = paths;
      if (paths.length === 1 && (await holdsCase(first)))
        return diagnoseAndShowCase(context, first, { json, ...options });
      const progress = new Progress(output);
      const { diagnosis, evidence } = await diagnoseFiles(paths, {
        ...options,
        stdin: output.stdin,
        onProgress: progress.report,
      }).finally(() => progress.end());
      const { unreadable, notes } = evidence;
      output.result(
        json
          ? jsonText({ ...diagnosis, unreadable, notes })
          : paint(diagnosisLines(diagnosis, { unreadable, notes }, output.width), output.colours),
      );
      context.exitCode = EXIT_OF_DIAGNOSIS[diagnosis.verdict];
    });
  return command as unknown as Command;
}
