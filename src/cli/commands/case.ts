import { type Command, Option } from '@commander-js/extra-typings';
import { EXIT, UsageError } from '../../base/errors.ts';
import { addEvidence } from '../../casework/add-evidence.ts';
import { newCase } from '../../casework/case-folder.ts';
import { closeCase, log, viewCase } from '../../casework/case-view.ts';
import { checkCase } from '../../casework/check-case.ts';
import { addDeploys } from '../../casework/deploys.ts';
import { readFindings } from '../../casework/findings.ts';
import { handOver } from '../../casework/hand-over.ts';
import { nextOfCase } from '../../casework/runbook/next.ts';
import { SETTINGS, setInCase } from '../../casework/settings.ts';
import type { CaseVerdict } from '../../model/case.ts';
import { parseTimeMs } from '../../model/sample-time.ts';
import { diagnoseAndShowCase } from '../case-diagnosis.ts';
import type { Context } from '../context.ts';
import { finishingLeftOpen } from '../left-open.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { Progress } from '../progress.ts';
import { addedLines, caseLines, checkLines, openedLines, recordLines, zipLines } from '../render/case.ts';
import { nextLines } from '../render/case-next.ts';
import { jsonText } from '../render/json.ts';
import { type Line, paint } from '../render/text.ts';

const KINDS = ['note', 'deploy', 'alert', 'action', 'claim', 'impact', 'follow-up'] as const;
const VERDICTS: readonly CaseVerdict[] = ['fixed', 'mitigated', 'no-leak', 'cannot-tell'];
const JSON_OPTION = ['--json', 'one JSON document on standard output'] as const;

/** `stanch case`: one folder for the evidence, the timeline, the findings and the verdict. */
export function caseCommand(context: Context): Command {
  const command = newCommand('case', context, [
    ['stanch case new checkout-leak --title "checkout is killed every night"', 'opens a case'],
    ['stanch case add checkout-leak dumps/', 'takes evidence into it'],
    ['stanch case diagnose checkout-leak --source .', 'names the causes, and keeps the answer'],
    ['stanch case next checkout-leak', 'what comes next, and its command'],
    ['stanch case zip checkout-leak -o case.zip --mask-hosts', 'a copy for others, without secrets'],
  ]).description('keep evidence, timeline, findings and verdict of one incident in a folder');
  const parts = [
    newPart,
    nextPart,
    setPart,
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
  return finishingLeftOpen(command as unknown as Command, context);
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

function nextPart(context: Context): Command {
  const command = newCommand('next', context, [
    ['stanch case next checkout-leak', 'what is done, what comes next, and its command'],
    ['stanch case next checkout-leak --all', 'with the commands and the checklist of every step'],
  ])
    .description('say how far a case is, what comes next, and whether help is to be called')
    .argument('<dir>', 'the case')
    .option('--all', 'commands, checklist and conditions of every step')
    .option(...JSON_OPTION)
    .action(async (folder, { all, json }) => {
      const next = await nextOfCase(folder);
      show(context, json, next, () => nextLines(next, context.output.width, all ?? false));
    });
  return command as unknown as Command;
}

function setPart(context: Context): Command {
  const command = newCommand('set', context, [
    [
      'stanch case set checkout-leak service=checkout severity=P1 limit=2GiB',
      'facts that nobody can measure',
    ],
    ['stanch case set checkout-leak escalate.memoryPerWorker=1GiB', 'when help is to be called'],
    ['stanch case set checkout-leak limit=', 'takes a setting back'],
  ])
    .description('set facts of a case, and the conditions under which help is called')
    .argument('<dir>', 'the case')
    .argument('<settings...>', `name=value: ${Object.keys(SETTINGS).join(', ')}`)
    .option(...JSON_OPTION)
    .action(async (folder, settings, { json }) => {
      const record = await setInCase(folder, settings);
      show(context, json, { schema: 'stanch/case-record@1', ...record }, () =>
        recordLines([record], context.output.width),
      );
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
    .option('--fact <name=value>', 'a further fact, as severity=P1; may be given again', factOption)
    .option(...JSON_OPTION)
    .action(async (folder, text, { kind, at, fact, json }) => {
      const record = await log(folder, { kind, text, at, ...(fact === undefined ? {} : { facts: fact }) });
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
  const command = newCommand('diagnose', context, [
    ['stanch case diagnose checkout-leak --source ~/src/checkout', 'over all dumps of the case'],
  ])
    .description('name the causes from the evidence of a case, and keep the answer in it')
    .argument('<dir>', 'the case')
    .option('--source <dir>', "the service's checkout: findings carry file and line in it")
    .option('--top <n>', 'at most so many findings', wholeNumber)
    .option('--operations <n>', 'operations between the first and the last dump', wholeNumber)
    .option('--partial', 'use the readable part of truncated dumps')
    .option('--only <name>', 'only evidence whose name begins so; the latest process when absent')
    .option(...JSON_OPTION)
    .action((folder, options) => diagnoseAndShowCase(context, folder, options));
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

function factOption(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--fact ${text}: no name and value`, 'for example --fact severity=P1');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function timeOption(text: string): string {
  const ms = parseTimeMs(text);
  if (Number.isNaN(ms)) throw new UsageError(`--at ${text}: no time`, 'for example 2024-01-21T03:10:00Z');
  return new Date(ms).toISOString();
}
