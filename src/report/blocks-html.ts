import { type Block, type Inline, inlines, plain, type Text } from './blocks.ts';
import { type Html, html } from './html.ts';

/** Blocks as markup. */
export function blocksHtml(blocks: readonly Block[]): Html {
  return html`${blocks.map(blockHtml)}`;
}

export function textHtml(text: Text): Html {
  return html`${inlines(text).map(inlineHtml)}`;
}

function blockHtml(block: Block): Html {
  switch (block.kind) {
    case 'heading':
      return html`<h3>${block.text}</h3>\n`;
    case 'paragraph':
      return html`<p>${textHtml(block.text)}</p>\n`;
    case 'fields':
      return html`<dl class="fields">${block.fields.map(
        ([name, value]) => html`<div><dt>${name}</dt><dd>${textHtml(value)}</dd></div>`,
      )}</dl>\n`;
    case 'list':
      return html`<ul>${block.items.map((item) => html`<li>${textHtml(item)}</li>`)}</ul>\n`;
    case 'code':
      return html`<pre tabindex="0"><code>${block.code}</code></pre>\n`;
    case 'command':
      return html`<div class="command"><p>${block.why}</p><pre tabindex="0"><code>${block.command}</code></pre></div>\n`;
    case 'table':
      return tableHtml(block);
  }
}

/** On a narrow page rows of tables that hold texts are shown one cell below the other. */
const LONG_TEXT = 28;
const NARROW_PAGE = 40;
const SHORT_TEXT = 24;

function tableHtml({ caption, columns, rows }: Extract<Block, { kind: 'table' }>): Html {
  const longest = columns.map((_, at) => Math.max(...rows.map((row) => plain(row[at] ?? '').length)));
  const stacks =
    columns.length > 2 &&
    (longest.some((length) => length > LONG_TEXT) ||
      longest.reduce((sum, length) => sum + length, 0) > NARROW_PAGE);
  const classOf = (at: number, isCell: boolean): Html => {
    const classes = [
      columns[at]?.align === 'right' ? 'number' : '',
      isCell && stacks && longest[at]! <= SHORT_TEXT ? 'short' : '',
    ].filter((name) => name !== '');
    return classes.length === 0 ? html`` : html` class="${classes.join(' ')}"`;
  };
  // What a number is, where the head is not beside it.
  const labelOf = (at: number): Html =>
    stacks && columns[at]?.align === 'right' ? html` data-label="${columns[at].title}"` : html``;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table${stacks ? html` class="stacks"` : null}>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title }, at) => html`<th scope="col"${classOf(at, false)}>${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, at) => html`<td${classOf(at, true)}${labelOf(at)}>${textHtml(cell)}</td>`)}</tr>\n`,
  )}</tbody>
</table></div>\n`;
}

function inlineHtml(part: Inline): Html {
  if (typeof part === 'string') return html`${part}`;
  if ('code' in part) return html`<code>${part.code}</code>`;
  if ('strong' in part) return html`<strong>${part.strong}</strong>`;
  if ('dim' in part) return html`<span class="dim">${part.dim}</span>`;
  return html`<strong class="${part.tone}">${part.text}</strong>`;
}
