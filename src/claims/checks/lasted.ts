import { type Quantity, quantitiesOf } from '../../formats/incident-text/quantities.ts';
import { momentsOf } from '../../formats/incident-text/times.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { clockText, durationText } from '../figures.ts';

const LASTED = /\b(?:lasted|duration|took|lived|ran for|was up|outage|downtime|was running|old when)\b/i;
const OPENS = /^\W*(?:started|detected|start(?:ed)? at|began|opened|triggered|fired|begin)\b/i;
const CLOSES = /^\W*(?:finished|resolved|ended|end(?:ed)? at|closed|stopped|mitigated|recovered)\b/i;

/** "Duration: 3h20m (06:10 – 09:30)", "lived 9 h 14 min" beside Started and Finished: times that a text gives twice. */
export function checkLasted({ statements, clock, document }: Facts): Claim[] {
  const claims: Claim[] = [];
  let pair: ReturnType<typeof openAndClose> | undefined;
  for (const { sentences, kind } of statements) {
    if (kind === 'code' || kind === 'comment') continue;
    for (const { text, line } of sentences) {
      if (!LASTED.test(text)) continue;
      const durations = quantitiesOf(text).filter(({ dimension }) => dimension === 'time');
      const moments = momentsOf(text).filter(({ minutes }) => minutes !== null);
      if (durations.length !== 1) continue;
      const [own, end] = moments;
      if (moments.length === 2) {
        const between = text.slice(own!.end, end!.start);
        if (!/^\s*(?:UTC|[A-Z]{2,4}T)?\s*(?:–|—|-|to|until|till|→)\s*$/.test(between)) continue;
        claims.push(judge(text, line, [line], durations[0]!, clock.sequence(moments)));
        continue;
      }
      if (
        moments.length > 0 ||
        !/\b(?:incident|outage|process|pod|container|worker|it)\b[^.]{0,20}\b(?:lasted|lived|ran for|was up|took)\b/i.test(
          text,
        )
      )
        continue;
      pair = pair === undefined ? openAndClose(document) : pair;
      if (!pair) continue;
      claims.push(judge(text, line, pair.lines, durations[0]!, clock.sequence(pair.moments)));
    }
  }
  return claims;
}

type Moment = ReturnType<typeof momentsOf>[number];

/** The only beginning and the only end that the text has as fields: "Detected: … · Resolved: …", `Started:` and `Finished:`. */
function openAndClose({ lines }: Facts['document']): { moments: Moment[]; lines: number[] } | null {
  const opens: { moment: Moment; line: number }[] = [];
  const closes: { moment: Moment; line: number }[] = [];
  for (const { raw, number } of lines) {
    if (/^\s*\|/.test(raw)) continue;
    for (const part of raw.replace(/[*_`]/g, '').split(/\s[·|•]\s|;\s/)) {
      const moment = momentsOf(part).find(({ minutes }) => minutes !== null);
      if (!moment || part.length > 70) continue;
      if (OPENS.test(part)) opens.push({ moment, line: number });
      if (CLOSES.test(part)) closes.push({ moment, line: number });
    }
  }
  return opens.length === 1 && closes.length === 1
    ? { moments: [opens[0]!.moment, closes[0]!.moment], lines: [opens[0]!.line, closes[0]!.line] }
    : null;
}

function judge(
  text: string,
  line: number,
  alsoLines: readonly number[],
  stated: Quantity,
  [from, to]: readonly number[],
): Claim {
  const minutes = to! - from!;
  const slack = Math.max(60_000, 0.02 * stated.value);
  const is = minutes * 60_000;
  const holds =
    is <= (stated.bound === 'at-least' ? Number.POSITIVE_INFINITY : stated.high + slack) &&
    is >= (stated.bound === 'at-most' ? 0 : stated.low - slack);
  return {
    text,
    line,
    ...(alsoLines.some((each) => each !== line) ? { alsoLines } : {}),
    verdict: holds ? 'holds' : 'contradicted',
    because: `From ${clockText(from!)} to ${clockText(to!)} ${durationText(minutes)} passed.`,
    arithmetic: `${clockText(to!)} − ${clockText(from!)} = ${durationText(minutes)}`,
    check: 'lasted',
  };
}
