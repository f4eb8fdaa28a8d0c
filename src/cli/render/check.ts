import type { Claim, ClaimVerdict } from '../../claims/claim.ts';
import type { CheckedText, TextChecks } from '../../claims/text-checks.ts';
import { unreadableLines } from './notes.ts';
import { type Line, line, type Style, span } from './text.ts';
import { wrap } from './wrap.ts';

const SIGNS: Readonly<Record<ClaimVerdict, { sign: string; style: Style }>> = {
  contradicted: { sign: '✗', style: 'bad' },
  'cannot-tell': { sign: '?', style: 'warn' },
  holds: { sign: '✓', style: 'good' },
};

/** Checked texts for people: what is contradicted with its arithmetic, what cannot be told; what holds on demand. */
export function checkLines(checks: TextChecks, width: number, all: boolean): Line[] {
  const lines = checks.texts.flatMap((text, at) => [
    ...(at > 0 ? [line()] : []),
    ...textLines(
      text,
      checks.claims.filter(({ file }) => file === text.file),
      width,
      all,
    ),
  ]);
  const left = unreadableLines(checks.unreadable, checks.notes, width);
  return left.length > 0 ? [...lines, line(), ...left] : lines;
}

function textLines(text: CheckedText, claims: readonly Claim[], width: number, all: boolean): Line[] {
  const { sign, style } = SIGNS[text.verdict];
  const { contradicted, holds } = text.counts;
  const summary = `${contradicted} contradicted, ${text.counts['cannot-tell']} cannot be told, ${holds} ${holds === 1 ? 'holds' : 'hold'}`;
  const shown = claims.filter(({ verdict }) => all || verdict !== 'holds');
  return [
    ...wrap(
      line(
        span(`${sign} `, style),
        span(text.title || text.file, 'strong'),
        `  ${summary}`,
        span(`  ${text.file}`, 'dim'),
      ),
      width,
      2,
    ),
    ...shown.flatMap((claim) => [line(), ...claimLines(claim, width)]),
    ...(claims.length === 0
      ? wrap(
          line('  ', span('No number or statement in it can be checked against another.', 'dim')),
          width,
          2,
        )
      : []),
  ];
}

function claimLines(
  { text, line: at, alsoLines = [], verdict, because, arithmetic, check }: Claim,
  width: number,
): Line[] {
  const { sign, style } = SIGNS[verdict];
  const others = [...new Set(alsoLines)].filter((other) => other > 0 && other !== at);
  const where = `line ${at}${others.length === 0 ? '' : `, see ${others.slice(0, 8).join(', ')}${others.length > 8 ? ' …' : ''}`}`;
  return [
    ...wrap(line(span(`${sign} `, style), span(`“${text}”`, 'plain')), width, 2),
    ...indented(line(because), width),
    ...(arithmetic ?? '')
      .split('\n')
      .filter((step) => step !== '')
      .flatMap((step) => indented(line(span(step, 'accent')), width)),
    ...indented(line(span(`${where}  ${check}`, 'dim')), width),
  ];
}

function indented(spans: Line, width: number): Line[] {
  return wrap(spans, width - 4).map((each) => [span('    '), ...each]);
}
