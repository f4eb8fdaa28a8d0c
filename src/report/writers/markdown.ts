import { type Block, type Inline, inlines, type Text } from '../blocks.ts';
import { visible } from '../html.ts';
import type { Report } from '../report.ts';
import { timeText } from '../words.ts';

/** The report as Markdown, for tickets and reviews. */
export function markdown({ title, state, caseId, openedAt, madeAt, sections }: Report): string {
  const head = [
    `# ${words(title)}`,
    `**Status**: ${words(state)} · case ${code(caseId)}, opened ${timeText(openedAt)} UTC · written ${timeText(madeAt)} UTC`,
  ];
  const parts = sections.map(({ title: name, text }) =>
    [`## ${words(name)}`, ...text().map(blockText)].join('\n\n'),
  );
  return `${[...head, ...parts].join('\n\n')}\n`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `### ${words(block.text)}`;
    case 'paragraph':
      return textOf(block.text);
    case 'list':
      return block.items.map((item) => `- ${textOf(item)}`).join('\n');
    case 'fields':
      return block.fields.map(([name, value]) => `- **${words(name)}**: ${textOf(value)}`).join('\n');
    case 'code':
      return fenced(block.code);
    case 'command':
      return `${words(block.why)}:\n\n${fenced(block.command)}`;
    case 'table':
      return tableText(block);
  }
}

function tableText({ caption, columns, rows }: Extract<Block, { kind: 'table' }>): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `${words(caption)}:\n`,
    row(columns.map(({ title }) => words(title))),
    row(columns.map(({ align }) => (align === 'right' ? '--:' : '---'))),
    ...rows.map((cells) => row(cells.map((cell) => inTable(textOf(cell))))),
  ].join('\n');
}

/** A table's cell ends at the next bar, also within code. */
function inTable(text: string): string {
  return text.replace(/(\\*)\|/g, (bar, before: string) => (before.length % 2 === 1 ? bar : `${before}\\|`));
}

function textOf(text: Text): string {
  return inlines(text).map(inlineText).join('');
}

function inlineText(part: Inline): string {
  if (typeof part === 'string') return words(part);
  if ('code' in part) return code(part.code);
  if ('dim' in part) return words(part.dim);
  const text = 'strong' in part ? part.strong : part.text;
  const [, before = '', inner = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text) ?? [];
  return inner === '' ? before : `${before}**${words(inner)}**${after}`;
}

/** Names may hold anything, also what Markdown or a browser would obey. */
function words(text: string): string {
  return visible(text)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]{}|~#]/g, (sign) => `\\${sign}`)
    .replace(/^([-+]|\d+[.)])(?=\s)/, '\\$1');
}

function code(text: string): string {
  const oneLine = visible(text).replace(/\s*\n\s*/g, ' ');
  if (oneLine === '') return '';
  const fence = '`'.repeat(1 + longestRun(oneLine));
  const pad = oneLine.startsWith('`') || oneLine.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${oneLine}${pad}${fence}`;
}

function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, 1 + longestRun(text)));
  return `${fence}\n${visible(text)}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
