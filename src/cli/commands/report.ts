import { basename, resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { StanchError, UsageError } from '../../base/errors.ts';
import { type CaseContents, maskedContents, readContents } from '../../casework/case-contents.ts';
import { log } from '../../casework/case-view.ts';
import { writeDurably } from '../../casework/durable-file.ts';
import { isChecks, isConfirmedSeries, isVerification } from '../../report/kept-shapes.ts';
import { buildReport, type Report } from '../../report/report.ts';
import type { ReportInput } from '../../report/report-input.ts';
import { htmlPage } from '../../report/writers/html.ts';
import { reportDocument } from '../../report/writers/json.ts';
import { markdown } from '../../report/writers/markdown.ts';
import type { Context } from '../context.ts';
import { newCommand } from '../new-command.ts';
import type { Output } from '../output.ts';
import { jsonText } from '../render/json.ts';
import { reportLines, writtenLines } from '../render/report.ts';
import { paint } from '../render/text.ts';

/** By the end of the file's name. */
const WRITERS: Readonly<Record<string, (report: Report) => string>> = {
  html: htmlPage,
  md: markdown,
  json: (report) => jsonText(reportDocument(report)),
};

/** `stanch report`: the incident document, filled from the case. */
export function reportCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('report', context, [
    ['stanch report checkout-leak', 'in the terminal'],
    [
      'stanch report checkout-leak -o report.html',
      'one page with charts that needs no network; also .md and .json',
    ],
    ['stanch report checkout-leak -o report.html --mask-hosts', 'for readers elsewhere'],
  ])
    .description(
      'write the incident document from a case: alert to follow-ups, with what is missing named as missing',
    )
    .argument('<case>', 'the case')
    .option('-o, --output <file>', 'report.html, report.md or report.json; in the terminal when absent')
    .option('--show-values', 'do not mask what looks like secrets')
    .option('--mask-hosts', 'mask hosts, addresses and pods as well')
    .option(
      '--mask <word>',
      'mask this, too; may be given again',
      (word, words: string[]) => [...words, word],
      [],
    )
    .option('--json', 'one JSON document on standard output')
    .action(async (folder, { output: file, showValues, maskHosts, mask, json }) => {
      const write = file === undefined ? null : writerOf(file);
      if (showValues && (maskHosts || mask.length > 0))
        throw new UsageError('--show-values masks nothing: leave out --mask and --mask-hosts');
      const read = await readContents(folder);
      const contents = showValues
        ? read
        : await maskedContents(folder, read, { hosts: maskHosts, words: mask });
      const report = buildReport(inputOf(folder, contents, !showValues));
      if (write !== null && file !== undefined) {
        await writeDurably(resolve(file), write(report));
        await noteOnTimeline(folder, contents, file, output);
      }
      if (json) output.result(jsonText(reportDocument(report)));
      else
        output.result(
          paint(
            file === undefined ? reportLines(report, output.width) : writtenLines(file, report),
            output.colours,
          ),
        );
    });
  return command as unknown as Command;
}

/** `case next` knows by it that the report is as new as what it tells. A copy that cannot be written on is no obstacle. */
async function noteOnTimeline(
  folder: string,
  { view }: CaseContents,
  file: string,
  output: Output,
): Promise<void> {
  const last = view.timeline.toSorted((a, b) => a.seq - b.seq).at(-1);
  if (last?.facts?.['report'] !== undefined) return;
  try {
    await log(folder, {
      kind: 'note',
      text: `report written: ${basename(file)}`,
      facts: { report: basename(file) },
    });
  } catch (error) {
    if (!(error instanceof StanchError)) throw error;
    output.message(`warning: the report stands not on the timeline: ${error.message}\n`);
  }
}

function writerOf(file: string): (report: Report) => string {
  const writer = WRITERS[/\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? ''];
  if (writer) return writer;
  throw new UsageError(
    `${file}: the end of its name must say what it is`,
    'report.html, report.md or report.json',
  );
}

function inputOf(folder: string, contents: CaseContents, masked: boolean): ReportInput {
  const { view, settings, diagnoses, confirmations, results } = contents;
  const of = <Value>(is: (document: unknown) => document is Value): { at: string; value: Value }[] =>
    results.flatMap(({ record: { at }, document }) => (is(document) ? [{ at, value: document }] : []));
  const shown = (document: unknown): boolean =>
    isConfirmedSeries(document) || isChecks(document) || isVerification(document);
  return {
    folder,
    view,
    settings,
    diagnoses: diagnoses.map(({ record, diagnosis }) => ({ at: record.at, value: diagnosis })),
    confirmations: confirmations.flatMap(({ at, confirmation }) =>
      isConfirmedSeries(confirmation) ? [{ at, value: confirmation }] : [],
    ),
    checks: of(isChecks),
    verifications: of(isVerification),
    otherAnswers: results
      .filter(({ document }) => !shown(document))
      .map(({ record: { at }, result: { schema, verdict, summary }, document }) => ({
        at,
        value: { schema, verdict, summary, document },
      })),
    madeAt: new Date().toISOString(),
    masked,
  };
}
