import type { PathStepView } from '../../model/finding.ts';
import { type Html, html } from '../html.ts';

const WORDS = { yes: 'leaking', no: 'not leaking', unknown: 'unknown' } as const;

/** The way from the roots to what grows, each step with what is known of it. The reference into the first leaking step is the bug. */
export function pathSteps(path: readonly PathStepView[], title: string): Html {
  const suspect = suspectStep(path);
  return html`<ol class="path" aria-label="${title}">${path.map(
    ({ node, via, handle, leaking, why }, at) =>
      html`<li class="step-${leaking}${at === suspect ? ' suspect' : ''}">${stepSign(leaking)}<div>${
        at === suspect ? html`<p class="suspect-text">this reference should be gone</p>` : null
      }<p>${via === '' ? null : html`<code class="via">${via}</code> `}<span class="node">${node}</span>${
        handle === undefined ? null : html` <span class="handle">${handle}</span>`
      }</p><p class="why"><span class="label">${WORDS[leaking]}</span>${why ? `: ${why}` : ''}</p></div></li>\n`,
  )}</ol>\n`;
}

/** The step whose reference from a step that is not leaking, or unknown, makes it leak; -1 when none is known to leak. */
export function suspectStep(path: readonly PathStepView[]): number {
  return path.findIndex(({ leaking }) => leaking === 'yes');
}

function stepSign(leaking: PathStepView['leaking']): Html {
  const drawn = {
    yes: html`<path d="M6 6l8 8M14 6l-8 8"></path>`,
    no: html`<path d="M5.5 10.5l3 3 6-7"></path>`,
    unknown: html`<path d="M7.6 8a2.4 2.4 0 1 1 3.4 2.2c-.8.4-1 .8-1 1.6M10 14.4v.2"></path>`,
  }[leaking];
  return html`<svg class="sign" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><circle cx="10" cy="10" r="9"></circle>${drawn}</svg>`;
}
