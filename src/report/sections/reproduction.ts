import { formatBytes } from '../../base/units.ts';
import { type Block, table } from '../blocks.ts';
import { blocksHtml } from '../blocks-html.ts';
import { type AnySection, section } from '../section.ts';
import { timeText } from '../words.ts';

interface Reproduction {
  readonly runs: readonly Run[];
  readonly answers: readonly {
    readonly at: string;
    readonly command: string;
    readonly verdict: string | null;
    readonly summary: string;
  }[];
}

/** Growth for each operation, as `stanch run` measures it. */
interface Run {
  readonly scenario: string;
  readonly rows: readonly {
    readonly what: string;
    readonly unit: string;
    readonly per: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
    readonly exactly: number | null;
  }[];
}

/** What commands without a section of their own have answered: `stanch run` reproduces, others may come. */
export const reproduction: AnySection = section<Reproduction>({
  id: 'reproduction',
  title: 'Reproduction and further results',
  build({ otherAnswers }) {
    const answers = otherAnswers.map(({ at, value }) => ({
      at,
      command: /^stanch\/([\w-]+)@/.exec(value.schema)?.[1] ?? value.schema,
      verdict: value.verdict,
      summary: value.summary,
    }));
    const runs = otherAnswers.flatMap(({ value }) => runOf(value.document) ?? []);
    return answers.length === 0 ? null : { runs, answers };
  },
  html: (data) => blocksHtml(blocksOf(data)),
  text: blocksOf,
});

function runOf(document: unknown): Run | null {
  const { schema, scenario, causes, metrics } = (document ?? {}) as Record<string, unknown>;
  if (schema !== 'stanch/run@1' || !Array.isArray(causes) || !Array.isArray(metrics)) return null;
  const rows = [...causes, ...metrics].filter(
    (row): row is Run['rows'][number] =>
      typeof row?.what === 'string' &&
      [row.value, row.low, row.high].every((each) => typeof each === 'number'),
  );
  return { scenario: String(scenario), rows };
}

function runBlock({ scenario, rows }: Run): Block {
  return table(
    `Growth for each operation: ${scenario}`,
    ['What', '>For each', '>Growth', '>95 %'],
    rows.map(({ what, unit, per, value, low, high, exactly }) => {
      const text = (size: number): string =>
        unit === 'bytes' ? formatBytes(size) : String(Number(size.toPrecision(3)));
      return [
        what,
        per,
        exactly === null ? text(value) : [{ strong: `${exactly}` }, ' exactly'],
        `${text(low)} to ${text(high)}`,
      ];
    }),
  );
}

function blocksOf({ runs, answers }: Reproduction): Block[] {
  return [
    ...runs.map(runBlock),
    table(
      'What was run, and what it gave',
      ['Time', 'Command', 'Verdict', 'Result'],
      answers.map(({ at, command, verdict, summary }) => [
        timeText(at),
        [{ code: `stanch ${command}` }],
        verdict ?? '',
        summary,
      ]),
    ),
  ];
}
