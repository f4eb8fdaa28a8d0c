import { type Command, Option } from '@commander-js/extra-typings';
import { EXIT, UsageError } from '../../base/errors.ts';
import { addEvidence } from '../../casework/add-evidence.ts';
import { newCase } from '../../casework/case-folder.ts';
import { closeCase, log, viewCase } from '../../casework/case-view.ts';
import { checkCase } from '../../casework/check-case.ts';
import { addDeploys } from '../../casework/deploys.ts';
import { diagnoseCase, readFindings } from '../../casework/findings.ts';
import { handOver } from '../../casework/hand-over.ts';
import { diagnoseFiles } from '../../library/diagnose-files.ts';
import type { CaseVerdict } from '../../model/case.ts';
import type { Verdict } from '../../model/finding.ts';
import { parseTimeMs } from '../../model/sample-time.ts';
import type { Context } from '../context.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { Progress } from '../progress.ts';
import { addedLines, caseLines, checkLines, openedLines, recordLines, zipLines } from '../render/case.ts';
import { diagnosisLines } from '../render/diagnosis.ts';
import { jsonText } from '../render/json.ts';
import { type Line, paint } from '../render/text.ts';

const EXIT_OF_VERDICT: Readonly<Record<Verdict, number>> = {
  leak: EXIT.leak,
  'no-leak': EXIT.clean,
  inconclusive: EXIT.notEnough,
};
const KINDS = ['note', 'deploy', 'alert', 'action', 'claim'] as const;
const VERDICTS: readonly CaseVerdict[] = ['fixed', 'mitigated', 'no-leak', 'cannot-tell'];
const JSON_OPTION = ['--json', 'one JSON document on standard output'] as const;

/** `stanch case`: one folder for the evidence, the timeline, the findings and the verdict. */
export function caseCommand(context: Context): Command {
  const command = newCommand('case', context, [
    ['stanch case new checkout-leak --title "checkout is killed every night"', 'opens a case'],
    ['stanch case add checkout-leak dumps/', 'takes evidence into it'],
    ['stanch case diagnose checkout-leak --source .', 'names the causes, and keeps the answer'],
    ['stanch case zip checkout-leak -o case.zip --mask-hosts', 'a copy for others, without secrets'],
  ]).description('keep evidence, timeline, findings and verdict of one incident in a folder');
  const parts = [
    newPart,
    addPart,
    logPart,
    deploysPart,
    diagnosePart,
    showPart,
    checkPart,
    zipPart,
    closePart,
  ];
  for (const part of parts) command.addCommand(part(context));
  return command as unknown as Command;
}

function newPart(context: Context): Command {
  const command = newCommand('new', context, [['stanch case new checkout-leak', 'opens a case']])
    .description('open a case in a folder')
    .argument('<dir>', 'the folder, made if need be')
    .option('--title <text>', "what it is about; the folder's name when absent")
    .option(...JSON_OPTION)
    .action(async (folder, { title, json }) => {
      const file = await newCase(folder, { title });
      show(context, json, file, () => openedLines(folder, file));
    });
  return command as unknown as Command;
}

function addPart(context: Context): Command {
  const command = newCommand('add', context, [
    ['stanch case add checkout-leak A.heapsnapshot B.heapsnapshot', 'dumps, as one batch'],
    ['stanch case add checkout-leak captures/ --note "after the load test"', 'a folder, with a word on it'],
  ])
    .description('take files into a case: copied, hashed, never altered')
    .argument('<dir>', 'the case')
    .argument('<files...>', 'files and folders: dumps, profiles, logs, series, incident texts, anything')
    .option('--note <text>', 'what is to be said of them')
    .option('--at <time>', 'when they were taken; what they tell themselves when absent', timeOption)
    .option(
      '--link',
      'a hard link instead of a copy: costs no room, but who writes to the file alters the evidence',
    )
    .option(...JSON_OPTION)
    .action(async (folder, files, { note, at, link, json }) => {
      const result = await addEvidence(folder, files, { note, at, hardLink: link });
      show(context, json, { schema: 'stanch/case-add@1', ...result }, () =>
        addedLines(result, context.output.width),
      );
    });
  return command as unknown as Command;
}

function logPart(context: Context): Command {
  const command = newCommand('log', context, [
    ['stanch case log checkout-leak "workers restarted" --kind action', 'what somebody did'],
    [
      'stanch case log checkout-leak "memory at 90 %" --kind alert --at 2024-01-21T03:10Z',
      'what happened earlier',
    ],
  ])
    .description('write something on the timeline; it is on disk when the command ends')
    .argument('<dir>', 'the case')
    .argument('<text>', 'what to write')
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS).default('note' as const))
    .option('--at <time>', 'when it happened (ISO 8601 or epoch); now when absent', timeOption)
    .option(...JSON_OPTION)
    .action(async (folder, text, { kind, at, json }) => {
      const record = await log(folder, { kind, text, at });
      show(context, json, { schema: 'stanch/case-record@1', ...record }, () =>
        recordLines([record], context.output.width),
      );
    });
  return command as unknown as Command;
}

function deploysPart(context: Context): Command {
  const command = newCommand('deploys', context, [
    [
      'stanch case deploys checkout-leak ~/src/checkout --since "2 weeks ago"',
      'what may have brought the leak',
    ],
  ])
    .description('put the commits of a checkout on the timeline, each once')
    .argument('<dir>', 'the case')
    .argument('<repo>', "the service's git checkout")
    .option('--since <time>', 'as git takes it (30 days ago)')
    .option('--tags', 'only commits that have a tag')
    .option(...JSON_OPTION)
    .action(async (folder, repository, { since, tags, json }) => {
      const records = await addDeploys(folder, repository, { since, tagsOnly: tags });
      show(context, json, { schema: 'stanch/case-deploys@1', records }, () =>
        recordLines(records, context.output.width, 'no commit that is not on the timeline already'),
      );
    });
  return command as unknown as Command;
}

function diagnosePart(context: Context): Command {
  const { output } = context;
  const command = newCommand('diagnose', context, [
    ['stanch case diagnose checkout-leak --source ~/src/checkout', 'over all dumps of the case'],
  ])
    .description('name the causes from the evidence of a case, and keep the answer in it')
    .argument('<dir>', 'the case')
    .option('--source <dir>', "the service's checkout: findings carry file and line in it")
    .option('--top <n>', 'at most so many findings', wholeNumber)
    .option('--operations <n>', 'operations between the first and the last dump', wholeNumber)
    .option('--partial', 'use the readable part of truncated dumps')
    .option(...JSON_OPTION)
    .action(async (folder, { json, ...options }) => {
      const progress = new Progress(output);
      const { diagnosis, evidence } = await diagnoseCase(folder, (paths) =>
        diagnoseFiles(paths, { ...options, onProgress: progress.report }),
      ).finally(() => progress.end());
      const { unreadable, notes } = evidence;
      show(context, json, { ...diagnosis, unreadable, notes }, () =>
        diagnosisLines(diagnosis, { unreadable, notes }, output.width),
      );
      context.exitCode = EXIT_OF_VERDICT[diagnosis.verdict];
    });
  return command as unknown as Command;
}

function showPart(context: Context): Command {
  const command = newCommand('show', context, [['stanch case show checkout-leak', 'everything on one page']])
    .description('show a case: evidence, timeline, findings, verdict')
    .argument('<dir>', 'the case')
    .option(...JSON_OPTION)
    .action(async (folder, { json }) => {
      const view = await viewCase(folder);
      // Damaged findings are told among the damage; the rest is shown all the same.
      const diagnosis = view.findings && (await readFindings(folder, view.findings).catch(() => null));
      show(context, json, { ...view, diagnosis }, () => caseLines(view, diagnosis, context.output.width));
    });
  return command as unknown as Command;
}

function checkPart(context: Context): Command {
  const { output } = context;
  const command = newCommand('check', context, [['stanch case check checkout-leak', 'names all damage']])
    .description('compare everything in a case with what was written')
    .argument('<dir>', 'the case')
    .option(...JSON_OPTION)
    .action(async (folder, { json }) => {
      const progress = new Progress(output);
      const result = await checkCase(folder, { onProgress: progress.report }).finally(() => progress.end());
      show(context, json, result, () => checkLines(result, output.width));
      context.exitCode = result.whole ? EXIT.clean : EXIT.unreadable;
    });
  return command as unknown as Command;
}

function zipPart(context: Context): Command {
  const command = newCommand('zip', context, [
    ['stanch case zip checkout-leak -o case.zip', 'without the evidence; secrets masked'],
    ['stanch case zip checkout-leak -o case.zip --mask-hosts --mask acme', 'hosts, and a word of your own'],
  ])
    .description('write a copy of a case for others, without secrets')
    .argument('<dir>', 'the case')
    .requiredOption('-o, --output <file>', 'the zip file')
    .option('--mask-hosts', 'mask hosts, addresses and pods as well')
    .option(
      '--mask <word>',
      'mask this, too; may be given again',
      (word, words: string[]) => [...words, word],
      [],
    )
    .option('--raw', 'take the evidence along as it is, with all values of the service')
    .option(...JSON_OPTION)
    .action(async (folder, { output: file, maskHosts, mask, raw, json }) => {
      const result = await handOver(folder, file, { maskHosts, words: mask, raw });
      show(context, json, result, () => zipLines(result, context.output.width));
    });
  return command as unknown as Command;
}

function closePart(context: Context): Command {
  const command = newCommand('close', context, [
    ['stanch case close checkout-leak --verdict fixed --note "sessions expire now"', 'how it ended'],
  ])
    .description('close a case with a verdict')
    .argument('<dir>', 'the case')
    .addOption(new Option('--verdict <verdict>', 'how it ended').choices(VERDICTS).makeOptionMandatory())
    .option('--note <text>', 'what is to be said of it')
    .option(...JSON_OPTION)
    .action(async (folder, { verdict, note, json }) => {
      const record = await closeCase(folder, verdict, note);
      show(context, json, { schema: 'stanch/case-record@1', ...record }, () =>
        recordLines([record], context.output.width),
      );
    });
  return command as unknown as Command;
}

function show(
  { output }: Context,
  json: boolean | undefined,
  document: object,
  lines: () => readonly Line[],
): void {
  output.result(json ? jsonText(document) : paint(lines(), output.colours));
}

function timeOption(text: string): string {
  const ms = parseTimeMs(text);
  if (Number.isNaN(ms)) throw new UsageError(`--at ${text}: no time`, 'for example 2024-01-21T03:10:00Z');
  return new Date(ms).toISOString();
}
