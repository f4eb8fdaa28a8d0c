import { writtenIn } from '../../analysis/goroutines/frame-author.ts';
import { goRules } from '../rules/index.ts';
import type { GoCode } from './go-code.ts';
import { helpedBy } from './go-statement.ts';
import { isClientConnection, isUnreadBody } from './http-client.ts';
import { shortFunction, shortPlace } from './names.ts';
import { type Proof, proofOf } from './proof.ts';
import type { GoRule, GoRuleMatch, GoSuspect } from './rule.ts';
import type { GroupStudy } from './study.ts';
import { readWait } from './wait-code.ts';

/** A group that the captures have something to say about, with the rule that explains it best. */
export interface ExplainedGroup {
  readonly study: GroupStudy;
  readonly suspect: GoSuspect;
  readonly proof: Proof;
  readonly rule: GoRule;
  readonly match: GoRuleMatch;
}

/** Weighs every group and names what is wrong with it; groups that nothing speaks against are left out. */
export function explainGroups(
  studies: readonly GroupStudy[],
  totals: readonly number[],
  code: GoCode | null,
): ExplainedGroup[] {
  const explained: ExplainedGroup[] = [];
  for (const study of studies) {
    const { main } = study.group;
    const reading = code && main.blame ? readWait(code, main.blame, main.creation) : null;
    const proof = proofOf(study, reading, totals);
    if (proof === null) continue;
    const suspect: GoSuspect = {
      study,
      reading,
      code,
      starter: starterOf(study),
      place: main.blame ? shortPlace(main.blame) : main.frames[0] ? shortPlace(main.frames[0]) : '',
    };
    let best: { rule: GoRule; match: GoRuleMatch } | null = null;
    for (const rule of goRules) {
      const match = rule.match(suspect);
      if (match && (best === null || match.fit > best.match.fit)) best = { rule, match };
    }
    explained.push({ study, suspect, proof, ...best! });
  }
  return withoutSecondHalves(explained);
}

/** A client connection has two goroutines; what is said of the reading half need not be said of the writing one. */
function withoutSecondHalves(explained: readonly ExplainedGroup[]): ExplainedGroup[] {
  const hasBody = explained.some(({ study }) => isUnreadBody(study));
  const connections = explained.filter(({ study }) => isClientConnection(study) && !isUnreadBody(study));
  const kept = hasBody
    ? null
    : connections.reduce<ExplainedGroup | null>(
        (a, b) => (a && a.proof.gained >= b.proof.gained ? a : b),
        null,
      );
  return explained.filter((each) => !connections.includes(each) || each === kept);
}

function starterOf({ group: { main } }: GroupStudy): string {
  if (main.creation !== null && main.creationAuthor === 'user') {
    return `started by ${shortFunction(helpedBy(main) ?? main.creation.function)}`;
  }
  const own = main.blame?.function ?? main.entry?.function ?? main.creation?.function ?? 'the runtime';
  return `in ${shortFunction(main.creation === null ? (writtenIn(own) ?? own) : own)}`;
}
