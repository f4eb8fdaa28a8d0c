import { formatBytes, formatShare } from '../../base/units.ts';
import type { Diagnosis, Finding } from '../../model/finding.ts';
import type { Build, DemoFact } from '../demo/lab.ts';
import { verdictLines } from './diagnosis.ts';
import { countSeries, signedBytes } from './numbers.ts';
import { quoted } from './objects.ts';
import { type Line, line, span } from './text.ts';
import { endCut, field, wrap } from './wrap.ts';

export interface DemoBuild {
  readonly build: Build;
  /** What the driver counts, in the singular. */
  readonly operation: string;
  /** Operations between the first and the last piece of evidence. */
  readonly operations: number;
  readonly did: string;
  /** Numbers of the lab's own. */
  readonly facts: readonly DemoFact[];
  /** The command that was run, without `--json`. */
  readonly command: readonly string[];
  readonly diagnosis: Diagnosis;
}

/** What `stanch demo --json` writes. */
export interface DemoDocument {
  readonly schema: 'stanch/demo@1';
  readonly lab: string;
  /** Folder of the evidence when it was kept. */
  readonly kept: string | null;
  readonly builds: readonly DemoBuild[];
  readonly elapsedMs: number;
}

type ReadLine = (file: string, line: number) => string | null;

/** Both builds, one after the other: what was done, what `diagnose` says, what the numbers come to. */
export function demoLines(demo: DemoDocument, readLine: ReadLine, width: number): Line[] {
  return [
    ...demo.builds.flatMap((build) => [...buildLines(demo, build, readLine, width), line()]),
    ...closing(demo, width),
  ];
}

function buildLines(demo: DemoDocument, measured: DemoBuild, readLine: ReadLine, width: number): Line[] {
  const { build, did, diagnosis } = measured;
  return [
    ...wrap(line(span(`${demo.lab}, ${build} build`, 'strong'), span(`  ${did}`, 'dim')), width, 2),
    ...verdictLines(diagnosis, width),
    ...diagnosis.findings.flatMap((finding) => [
      line(),
      ...causeLines(finding, measured.operation, readLine, width),
    ]),
    line(),
    ...factLines(measured, width),
  ];
}

function causeLines(finding: Finding, operation: string, readLine: ReadLine, width: number): Line[] {
  const columns = { indent: 3, nameWidth: 12, width };
  const { location, growth } = finding;
  const code = location && readLine(location.file, location.line);
  const perOperation =
    growth.perOperation === null ? '' : `, ${Number(growth.perOperation.toPrecision(3))} per ${operation}`;
  return [
    ...wrap(line(span(`${finding.rank}`.padEnd(3), 'bad-strong'), span(finding.title, 'strong')), width, 3),
    ...(location
      ? field('added at', line(span(`${location.file}:${location.line}`, 'accent')), columns)
      : []),
    ...(code ? field('', line(span(endCut(code, width - 15), 'accent')), columns) : []),
    ...field('held by', line(finding.owner), columns),
    ...field(
      'growth',
      line(countSeries(growth.series), span(`${perOperation}, ${signedBytes(growth.bytes)}`, 'dim')),
      columns,
    ),
  ];
}

function factLines({ facts, diagnosis }: DemoBuild, width: number): Line[] {
  const columns = { indent: 3, nameWidth: 22, width };
  const { grownBytes, explainedShare, fromBytes, toBytes } = diagnosis.growth;
  return [
    ...field('heap', line(`${formatBytes(fromBytes)} → ${formatBytes(toBytes)}`), columns),
    ...facts.flatMap(({ name, value, note }) =>
      field(name, line(value, span(note ? `  ${note}` : '', 'dim')), columns),
    ),
    ...diagnosis.claims.flatMap(({ text, verdict, because }) =>
      field(`claim ${verdict}`, line(text, span(`: ${because}`, 'dim')), columns),
    ),
    ...(diagnosis.verdict === 'leak'
      ? field(
          'explained',
          line(formatShare(explainedShare), span(`  of ${formatBytes(grownBytes)} grown`, 'dim')),
          columns,
        )
      : []),
  ];
}

function closing({ kept, builds, elapsedMs }: DemoDocument, width: number): Line[] {
  const seconds = `${(elapsedMs / 1000).toFixed(1)} s`;
  if (kept === null) {
    return wrap(
      line(
        span(
          `Done in ${seconds}. The evidence is gone; stanch demo --keep keeps it for a closer look.`,
          'dim',
        ),
      ),
      width,
    );
  }
  const [program, name, ...rest] = builds[0]!.command;
  const words = rest
    .map((word) => quoted(word))
    .map((word, at) => (at < rest.length - 1 ? `${word} \\` : word));
  return [
    ...wrap(
      line(span(`Done in ${seconds}. The evidence is in `, 'dim'), span(kept, 'accent'), span(':', 'dim')),
      width,
    ),
    line('  ', span(`${program} ${name} \\`, 'accent')),
    ...words.map((word) => line('    ', span(word, 'accent'))),
  ];
}
