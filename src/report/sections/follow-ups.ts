import { formatBytes } from '../../base/units.ts';
import type { Diagnosis } from '../../model/finding.ts';
import { type Block, list, paragraph, type Text } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { namingDiagnosis } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';
import { shellWord } from '../words.ts';

interface FollowUps {
  /** Written by people. */
  readonly written: readonly string[];
  readonly next: readonly { readonly command: string; readonly why: string }[];
  readonly harmless: Diagnosis['harmless'];
  readonly suspects: readonly string[];
}

/** What is left to do, and what was looked at and is no leak. */
export const followUps: AnySection = section<FollowUps>({
  id: 'follow-ups',
  title: 'Follow-ups',
  build(input) {
    const { view, folder } = input;
    const diagnosis = namingDiagnosis(input)?.value;
    const data: FollowUps = {
      written: view.timeline.filter(({ kind }) => kind === 'follow-up').map(({ text }) => text),
      next: (diagnosis?.next ?? []).map(({ command, why }) => ({
        // Commands of a diagnosis name the evidence as it lies in the case.
        command: command.includes('evidence/') ? `cd ${shellWord(folder)} && ${command}` : command,
        why,
      })),
      harmless: diagnosis?.harmless ?? [],
      suspects: (diagnosis?.findings ?? [])
        .filter(({ confidence }) => confidence < 0.5)
        .map(({ id, title }) => `${id} ${title}`),
    };
    return Object.values(data).some(({ length }) => length > 0) ? data : null;
  },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

function blocksOf({ written, next, harmless, suspects }: FollowUps): Block[] {
  return [
    ...(written.length === 0 ? [] : [list(written)]),
    ...(suspects.length === 0 ? [] : [paragraph('Suspects that are not proven:'), list(suspects)]),
    ...next.map(({ command, why }): Block => ({ kind: 'command', command, why })),
    ...(harmless.length === 0
      ? []
      : [
          paragraph('Looked at, and no leak:'),
          list(
            harmless.map(
              ({ owner, bytes, why }): Text => [{ code: owner }, ` ${formatBytes(bytes)}: ${why}`],
            ),
          ),
        ]),
  ];
}
