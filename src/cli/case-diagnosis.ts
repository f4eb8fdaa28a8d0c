import { EXIT } from '../base/errors.ts';
import { diagnoseCase } from '../casework/findings.ts';
import { type DiagnoseFilesOptions, diagnoseFiles } from '../library/diagnose-files.ts';
import type { Verdict } from '../model/finding.ts';
import type { Context } from './context.ts';
import { Progress } from './progress.ts';
import { diagnosisLines } from './render/diagnosis.ts';
import { jsonText } from './render/json.ts';
import { paint } from './render/text.ts';

/** The exit code that says a verdict. */
export const EXIT_OF_DIAGNOSIS: Readonly<Record<Verdict, number>> = {
  leak: EXIT.leak,
  'no-leak': EXIT.clean,
  inconclusive: EXIT.notEnough,
};

/** Diagnoses a case, shows the answer and keeps it: `stanch case diagnose`, and `stanch diagnose` of a folder that is a case. */
export async function diagnoseAndShowCase(
  context: Context,
  folder: string,
  {
    json,
    only,
    ...options
  }: DiagnoseFilesOptions & { json?: boolean | undefined; only?: string | undefined },
): Promise<void> {
  const { output } = context;
  const progress = new Progress(output);
  const { diagnosis, evidence, otherEvidence } = await diagnoseCase(
    folder,
    (paths) => diagnoseFiles(paths, { ...options, onProgress: progress.report }),
    { only },
  ).finally(() => progress.end());
  const { unreadable } = evidence;
  const notes = [...evidence.notes, ...otherNote(otherEvidence)];
  output.result(
    json
      ? jsonText({ ...diagnosis, unreadable, notes, otherEvidence })
      : paint(diagnosisLines(diagnosis, { unreadable, notes }, output.width), output.colours),
  );
  context.exitCode = EXIT_OF_DIAGNOSIS[diagnosis.verdict];
}

function otherNote(names: readonly string[]): string[] {
  const [first] = names;
  if (first === undefined) return [];
  const series = first.includes('/') ? first.slice(0, first.indexOf('/')) : first;
  return [
    `evidence of other processes was left out (${names.length} ${names.length === 1 ? 'file' : 'files'}): --only ${series} diagnoses that`,
  ];
}
