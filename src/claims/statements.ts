import type { IncidentText, LineKind, TextBlock, TextLine } from '../formats/incident-text/document.ts';

/** What stands together as one saying: a bullet, a line of code, a paragraph whose lines were wrapped. */
export interface Statement {
  readonly text: string;
  readonly line: number;
  readonly kind: LineKind;
  readonly block: TextBlock;
  readonly headings: readonly string[];
  /** Whose sentences these are; each with its own line. */
  readonly sentences: readonly { readonly text: string; readonly line: number }[];
}

const KEYED = /^(?:[a-z]\w*(?:[._][\w]+)+|\*\*[^*]{1,60}\*\*|[A-Z][\w /()-]{0,40}):?\s*(?::|$)/;
const STARTS_ANEW =
  /^\s*(?:>\s*)*(?:\*\*|[-*+•]\s|\d{1,3}[.)]\s|\(?[a-z\d]{1,2}\)\s|\[?\d{1,2}:\d\d|\d{4}-\d\d-\d\d)/;

/** "Ada  9:12 AM" above what Ada says. */
const SPEAKER = /^(?:\S+\s+){1,5}\[?\d{1,2}:\d\d(?::\d\d)?(?:\s?[AaPp][Mm])?\]?$/;

/** Cuts a text into its sayings. */
export function statementsOf(document: IncidentText): Statement[] {
  const found: Statement[] = [];
  for (const block of document.blocks) {
    let held: TextLine[] = [];
    const flush = (): void => {
      if (held.length > 0) found.push(statement(held, block));
      held = [];
    };
    for (const line of block.lines) {
      if (line.kind === 'blank') {
        flush();
        continue;
      }
      const alone = block.kind === 'code' || block.kind === 'table' || block.kind === 'heading';
      const previous = held.at(-1);
      if (
        alone ||
        line.kind === 'item' ||
        (previous &&
          (SPEAKER.test(previous.raw.trim()) ||
            KEYED.test(line.raw.trim()) ||
            STARTS_ANEW.test(line.raw) ||
            (KEYED.test(previous.raw.trim()) && /\s{2}$|:\*\*\s/.test(previous.raw))))
      )
        flush();
      held.push(line);
      if (alone) flush();
    }
    flush();
  }
  return found;
}

function statement(lines: readonly TextLine[], block: TextBlock): Statement {
  const text = lines.map((line) => line.text.trim()).join(' ');
  const starts: [number, number][] = [];
  let offset = 0;
  for (const line of lines) {
    starts.push([offset, line.number]);
    offset += line.text.trim().length + 1;
  }
  const lineAt = (at: number): number => starts.findLast(([from]) => from <= at)?.[1] ?? lines[0]!.number;
  const sentences: { text: string; line: number }[] = [];
  let from = 0;
  const kind = lines[0]!.kind;
  const ends =
    kind === 'code'
      ? []
      : [
          ...text.matchAll(
            /(?<!\b(?:e\.g|i\.e|approx|ca|vs|no|No|max|min|avg|St|Dr))[.!?]["')]?\s+(?=[A-Z"'(`\d]|[a-z]+\d)/g,
          ),
        ];
  for (const end of [...ends.map((match) => match.index + match[0].length), text.length]) {
    const sentence = text.slice(from, end).trim();
    if (sentence !== '')
      sentences.push({
        text: sentence,
        line: lineAt(from + (text.slice(from).length - text.slice(from).trimStart().length)),
      });
    from = end;
  }
  return { text, line: lines[0]!.number, kind, block, headings: lines[0]!.headings, sentences };
}
