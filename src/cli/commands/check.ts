import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { type ByteSource, readHead } from '../../base/byte-source.ts';
import { EXIT, StanchError } from '../../base/errors.ts';
import { readAll } from '../../base/read-all.ts';
import { keepResult } from '../../casework/results.ts';
import { checkText } from '../../claims/check-text.ts';
import { checksOf, type TextChecks } from '../../claims/text-checks.ts';
import { fromWindows1252 } from '../../formats/incident-text/windows-1252.ts';
import { HEAD_BYTES, SERIES_FORMATS, TEXT_FORMATS } from '../../formats/index.ts';
import { readLog } from '../../formats/log/read.ts';
import type { LogReading } from '../../formats/log/reading.ts';
import type { Series } from '../../model/series.ts';
import type { UnreadableEvidence } from '../../sources/evidence.ts';
import { openFile } from '../../sources/file.ts';
import { peek, streamingSource } from '../../sources/stream.ts';
import type { Context } from '../context.ts';
import { newCommand } from '../new-command.ts';
import { checkLines } from '../render/check.ts';
import { jsonText } from '../render/json.ts';
import { paint } from '../render/text.ts';

/** Of formats that are equally sure the first one holds. */
const STRICTEST_FIRST = [...SERIES_FORMATS, ...TEXT_FORMATS] as const;
/** Incident texts are pages; what is longer is something else. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
const EXIT_OF_VERDICT: Readonly<Record<TextChecks['verdict'], number>> = {
  holds: EXIT.clean,
  contradicted: EXIT.leak,
  'cannot-tell': EXIT.notEnough,
};

/** `stanch check`: recomputes the numbers of an incident text and weighs what it says. */
export function checkCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('check', context, [
    ['stanch check incident.md', 'the text against its own numbers'],
    ['stanch check incident.md memory.csv app.log.gz', 'against series and logs, too'],
    ['stanch check postmortems/*.md --json', 'many texts; JSON'],
  ])
    .description('check the claims of an incident text against its own numbers and the evidence')
    .argument('<incident>', 'Markdown or plain text, plain, .gz or .zst; - is standard input')
    .argument('[evidence...]', 'series (CSV, OpenMetrics, JSON lines), logs, folders of them, further texts')
    .option('--all', 'show what holds as well, with its arithmetic')
    .option('--case <dir>', 'keep the answer in this case')
    .option('--json', 'one JSON document on standard output')
    .action(async (incident, evidence, { json, all, case: folder }) => {
      const first = await textOf(incident, output.stdin);
      const found = await sortOut(evidence);
      const texts = [{ file: incident, text: first }, ...found.texts];
      const checks = checksOf(
        texts.map(({ file, text }) => ({ file, check: checkText(text, found) })),
        found,
      );
      if (folder !== undefined) await keepResult(folder, checks, checksText(checks));
      output.result(
        json ? jsonText(checks) : paint(checkLines(checks, output.width, all ?? false), output.colours),
      );
      context.exitCode = EXIT_OF_VERDICT[checks.verdict];
    });
  return command as unknown as Command;
}

function checksText({ counts, texts }: TextChecks): string {
  const told = `${counts.contradicted} contradicted, ${counts.holds} hold, ${counts['cannot-tell']} cannot be told`;
  return `${texts.map(({ title, file }) => title || file).join(', ')}: ${told}`;
}

async function textOf(path: string, stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const source = path === '-' ? streamingSource(stdin, '<stdin>') : openFile(path);
  try {
    const bytes = await readAll(source, undefined, MAX_TEXT_BYTES);
    const wide =
      bytes[0] === 0xff && bytes[1] === 0xfe
        ? 'utf-16le'
        : bytes[0] === 0xfe && bytes[1] === 0xff
          ? 'utf-16be'
          : null;
    if (wide === null && bytes.includes(0)) {
      throw new StanchError(`${path}: not a text: it has zero bytes`, {
        code: 'not-a-text',
        exitCode: EXIT.unreadable,
        hint: 'Give the incident text first and evidence behind it.',
      });
    }
    return wide === null ? decoded(bytes) : new TextDecoder(wide).decode(bytes);
  } finally {
    source.close?.();
  }
}

/** UTF-8; mails and older editors write Windows-1252, in which every byte is a character. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fromWindows1252(bytes);
  }
}

interface Sorted {
  readonly texts: { file: string; text: string }[];
  readonly series: Series[];
  readonly logs: LogReading[];
  readonly unreadable: UnreadableEvidence[];
  readonly notes: string[];
}

async function sortOut(paths: readonly string[]): Promise<Sorted> {
  const sorted: Sorted = { texts: [], series: [], logs: [], unreadable: [], notes: [] };
  for (const path of paths) {
    const inFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    for (const file of inFolder ? filesIn(path) : [path]) {
      try {
        await sort(file, sorted, inFolder);
      } catch (error) {
        if (!(error instanceof StanchError)) throw error;
        sorted.unreadable.push({ file, reason: error.message.replace(`${file}: `, '') });
      }
    }
  }
  return sorted;
}

function filesIn(folder: string): string[] {
  const entries: Dirent[] = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => join(folder, name))
    .sort();
}

/** What a file is, is told by its content; the strictest format that knows it goes first. */
async function sort(file: string, into: Sorted, inFolder: boolean): Promise<void> {
  const { head, source } = await openWithHead(file);
  try {
    const sure = STRICTEST_FIRST.map((format) => ({ format, sure: format.detect(head, file) }));
    const { format, sure: weight } = sure.reduce((a, b) => (b.sure > a.sure ? b : a));
    if (weight < 0.3) {
      if (inFolder) return;
      into.unreadable.push({
        file,
        reason: 'no series, log or incident text; dumps are for `stanch diagnose`',
      });
    } else if ('read' in format) {
      const set = await format.read(source);
      into.series.push(...set.series);
      into.notes.push(...set.notes.map((note) => `${file}: ${note}`));
    } else if (format.id === 'incident-text') {
      const bytes = await readAll(source, undefined, MAX_TEXT_BYTES);
      into.texts.push({ file, text: decoded(bytes) });
    } else {
      into.logs.push(await readLog(source));
    }
  } finally {
    source.close?.();
  }
}

async function openWithHead(file: string): Promise<{ head: Uint8Array; source: ByteSource }> {
  const source = openFile(file);
  if (source.readAt) return { head: await readHead(source, HEAD_BYTES), source };
  if (statSync(file).isFIFO()) return peek(source, HEAD_BYTES);
  const head = await readHead(source, HEAD_BYTES);
  source.close?.();
  return { head, source: openFile(file) };
}
