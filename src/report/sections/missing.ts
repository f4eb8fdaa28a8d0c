import { type Block, paragraph } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { incidentSeries, namingDiagnosis, type ReportInput } from '../report-input.ts';
import { type AnySection, section } from '../section.ts';
import { shellWord } from '../words.ts';

interface MissingPart {
  readonly what: string;
  readonly command: string;
}

interface Missing {
  readonly parts: readonly MissingPart[];
}

/** What the case does not know, and what would fill it. */
export const missing: AnySection = section<Missing>({
  id: 'missing',
  title: 'What is missing',
  build(input) {
    const parts = missingParts(input);
    return parts.length === 0 ? null : { parts };
  },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

function blocksOf({ parts }: Missing): Block[] {
  return [
    paragraph(
      'Nothing here is made up: what the case does not know is missing, with the command that fills it.',
    ),
    ...parts.map(({ what, command }): Block => ({ kind: 'command', command, why: what })),
  ];
}

function missingParts(input: ReportInput): MissingPart[] {
  const { view, settings, checks, verifications } = input;
  const dir = shellWord(input.folder);
  const has = (kind: string): boolean => view.timeline.some((each) => each.kind === kind);
  const series = incidentSeries(input)?.value;
  const diagnosis = namingDiagnosis(input)?.value;
  const target = view.timeline.findLast(({ facts }) => facts?.['pid'])?.facts?.['pid'] ?? '<pid>';
  const source = settings['source'] ? ` --source ${shellWord(settings['source'])}` : ' --source <checkout>';
  const parts: (MissingPart | false)[] = [
    !has('alert') && {
      what: 'The alert: when it came, and what it said',
      command: `stanch case log ${dir} "<text>" --kind alert --at <time>`,
    },
    !series && {
      what: 'Memory over time, and whether it leaks',
      command: `stanch confirm <series.csv or Prometheus address> --case ${dir}`,
    },
    series !== undefined &&
      series.verdict === 'leak' &&
      series.limit === null && {
        what: 'The memory limit, and how long it is until it is reached',
        command: `stanch confirm <series> --limit <2GiB> --case ${dir}`,
      },
    series !== undefined &&
      series.correlates.length === 0 && {
        what: 'What the growth moves with: no other series stood beside the memory',
        command: `stanch confirm <series with requests, sessions, …> --case ${dir}`,
      },
    !has('deploy') && { what: 'Deploys', command: `stanch case deploys ${dir} <checkout>` },
    !diagnosis && {
      what: 'The cause: dumps or profiles of one process',
      command: `stanch capture ${target} --count 3 --every 10m -o ${dir} && stanch diagnose ${dir}${source}`,
    },
    diagnosis !== undefined &&
      diagnosis.findings.length > 0 &&
      diagnosis.findings.every(({ location }) => location === null) && {
        what: 'Files and lines of the causes',
        command: `stanch diagnose ${dir}${source}`,
      },
    checks.length === 0 &&
      view.evidence.some(({ kind }) => kind === 'incident-text') && {
        what: 'The claims of the incident text, checked',
        command: `stanch check <incident.md> --case ${dir}`,
      },
    !has('action') && {
      what: 'What was done to win time',
      command: `stanch mitigate ${target} restart --case ${dir}`,
    },
    verifications.length === 0 && {
      what: 'Whether the fix holds',
      command: `stanch verify <pid of the fixed build> --for 15m --case ${dir}`,
    },
    view.state === 'open' &&
      verifications.at(-1)?.value.verdict === 'fixed' && {
        what: 'The verdict',
        command: `stanch case close ${dir} --verdict fixed`,
      },
  ];
  return parts.filter((part) => part !== false);
}
