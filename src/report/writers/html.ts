import { createHash } from 'node:crypto';
import { Html, html } from '../html.ts';
import type { Report } from '../report.ts';
import { timeText } from '../words.ts';
import { STYLE } from './style.ts';

/**
 * The report as one page that needs nothing else: no script, no network, no font. Its policy allows its own style sheet by hash and images
 * that are in it, and nothing more, whatever a name in a dump holds.
 */
export function htmlPage({ title, caseId, state, openedAt, madeAt, masked, sections }: Report): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – Stanch report</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<p class="kicker">Memory incident <span class="state ${stateClass(state)}">${state}</span></p>
<h1>${title}</h1>
<p class="dim">Case <code>${caseId}</code>, opened ${timeText(openedAt)} UTC. Written ${timeText(madeAt)} UTC${masked ? '; secrets masked' : '; values shown'}.</p>
</header>
<nav aria-label="Sections"><ol>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ol></nav>
<main>
${sections.map(
  ({ id, title: name, html: markup }) =>
    html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${name}</h2>
${markup()}</section>
`,
)}</main>
<footer><p>Made by <code>stanch report</code> from the evidence of the case. Nothing in it was typed by hand but what the timeline says.</p></footer>
</body>
</html>
`;
  return page.markup;
}

function stateClass(state: string): string {
  return state.startsWith('closed: fixed') || state.startsWith('closed: no-leak') ? 'good' : 'warn';
}
