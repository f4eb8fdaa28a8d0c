import type { IncidentText, LineKind, TextBlock, TextLine } from './document.ts';

const FENCE = /^\s*(?:>\s*)*(`{3,}|~{3,})\s*([\w+#.-]*)/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const ITEM = /^\s*(?:>\s*)*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?/;
const QUOTE = /^\s*>+\s?/;
const TABLE_ROW = /^\s*\|.*\|\s*$/;
const RULE = /^\s*(?:-{3,}|_{3,}|\*{3,}|={3,})\s*$/;
const SHELL = new Set(['', 'bash', 'sh', 'shell', 'console', 'python', 'py', 'ruby', 'rb', 'yaml', 'text']);

/**
 * Cuts an incident text into lines and blocks. Never fails: what is no Markdown is prose.
 *
 * @param text Markdown after https://spec.commonmark.org/0.31.2 as far as incidents use it: headings, lists, quotes, fences
 *   (also unclosed ones and fences behind a list mark), pipe tables
 */
export function readIncidentText(text: string): IncidentText {
  const lines: TextLine[] = [];
  const headings: { level: number; text: string }[] = [];
  let fence: string | null = null;
  let language = '';
  let block = 0;
  let previous: LineKind = 'blank';
  const raws = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [at, raw] of raws.entries()) {
    const marks = FENCE.exec(raw);
    if (marks && (fence === null || marks[1]!.startsWith(fence))) {
      fence = fence === null ? marks[1]! : null;
      language = fence === null ? '' : marks[2]!.toLowerCase();
      previous = 'blank';
      const place = { number: at + 1, raw, block: ++block, headings: headings.map((each) => each.text) };
      lines.push({ ...place, text: '', kind: 'blank', language: '' });
      block++;
      continue;
    }
    const kind = fence === null ? kindOf(raw) : kindInCode(raw, language);
    const heading = kind === 'heading' ? HEADING.exec(raw) : null;
    if (heading) {
      while (headings.length > 0 && headings.at(-1)!.level >= heading[1]!.length) headings.pop();
    }
    if (fence === null && !continues(previous, kind)) block++;
    lines.push({
      number: at + 1,
      raw,
      // Cells that are padded for the eye say no more than narrow ones.
      text: fence !== null ? raw : kind === 'table' ? plain(raw).replace(/ {3,}/g, '  ') : plain(raw),
      kind,
      block,
      language: fence === null ? '' : language,
      headings: headings.map((each) => each.text),
    });
    if (heading) headings.push({ level: heading[1]!.length, text: plain(heading[2]!) });
    previous = kind;
  }
  const blocks = blocksOf(lines);
  const title = lines.find(({ kind }) => kind === 'heading')?.text ?? lines.find((l) => l.text !== '')?.text;
  return { title: title ?? '', lines, blocks };
}

function kindOf(raw: string): LineKind {
  if (raw.trim() === '' || RULE.test(raw)) return 'blank';
  if (HEADING.test(raw)) return 'heading';
  if (TABLE_ROW.test(raw)) return 'table';
  if (QUOTE.test(raw)) return 'quote';
  return ITEM.test(raw) ? 'item' : 'prose';
}

function kindInCode(raw: string, language: string): LineKind {
  if (raw.trim() === '') return 'blank';
  if (SHELL.has(language) && /^\s*#(?!!)/.test(raw)) return 'comment';
  return /^\s*\/\//.test(raw) ? 'comment' : 'code';
}

/** Prose goes on in the next line, an item in its indented lines, a table and a quote in their kind. */
function continues(before: LineKind, kind: LineKind): boolean {
  if (before === 'blank' || kind === 'blank' || kind === 'heading' || before === 'heading') return false;
  if (before === 'item') return kind === 'item' || kind === 'prose';
  return before === kind;
}

/** The text without the marks of Markdown. Identifiers keep their stars and underscores inside of words. */
function plain(raw: string): string {
  return raw
    .replace(HEADING, '$2')
    .replace(QUOTE, '')
    .replace(ITEM, '')
    .replace(/\*\*([^*]+)\*\*/g, '$1')
    .replace(/(?<!\w)__([^_]+)__(?!\w)/g, '$1')
    .replace(/(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])/g, '$1')
    .replace(/`/g, '')
    .trim();
}

function blocksOf(lines: readonly TextLine[]): TextBlock[] {
  const byIndex = new Map<number, TextLine[]>();
  for (const line of lines) {
    if (line.kind === 'blank' && line.language === '' && !byIndex.has(line.block)) continue;
    const held = byIndex.get(line.block);
    if (held) held.push(line);
    else byIndex.set(line.block, [line]);
  }
  let caption = '';
  const blocks: TextBlock[] = [];
  for (const [index, held] of byIndex) {
    const first = held.find(({ kind }) => kind !== 'blank');
    if (!first) continue;
    const kind = blockKind(first);
    if (kind === 'heading') caption = '';
    blocks.push({ index, kind, language: first.language, lines: held, caption, headings: first.headings });
    if (kind === 'prose' || kind === 'list' || kind === 'quote') caption = held.at(-1)!.text;
  }
  return blocks;
}

function blockKind({ kind }: TextLine): TextBlock['kind'] {
  if (kind === 'code' || kind === 'comment') return 'code';
  return kind === 'item' ? 'list' : kind === 'blank' ? 'prose' : kind;
}
