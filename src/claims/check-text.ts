import { readIncidentText } from '../formats/incident-text/read.ts';
import { checkAlert, checkThresholdsAgree } from './checks/alert.ts';
import { checkCorrelations } from './checks/correlation.ts';
import { checkGoroutineIds } from './checks/goroutine-ids.ts';
import { checkGrowthRate, checkGrowthShape } from './checks/growth-rate.ts';
import { checkKnowledge } from './checks/knowledge.ts';
import { checkLedgers, checkOwnArithmetic } from './checks/ledger.ts';
import { checkLogs } from './checks/logs.ts';
import { checkPerOperation, checkReproduction } from './checks/operations.ts';
import { checkRestartPeriod } from './checks/restart-period.ts';
import { checkRetainingPaths, checkVariableNames } from './checks/retaining-path.ts';
import {
  checkLoadIndependence,
  checkPromisedRows,
  checkRowsMixProcesses,
  checkTimelineDurations,
} from './checks/rows.ts';
import {
  checkCopiedPaths,
  checkPythonSelf,
  checkTimeEstimate,
  checkVerification,
  checkWaitAgainstStamps,
} from './checks/runbook.ts';
import {
  checkBytesPerItem,
  checkEach,
  checkEntriesTimesBytes,
  checkExplainedShare,
  checkLifeFromCount,
  checkLiveInstances,
  checkSnapshotMoment,
  checkTotals,
} from './checks/share.ts';
import { checkLastStretch, checkRefill, checkTimeToLimit } from './checks/time-to-limit.ts';
import type { Claim, ClaimVerdict } from './claim.ts';
import { type CheckEvidence, type Facts, factsOf } from './facts.ts';

/** The checks, each on its own; a new one is one function and one line here. */
const CHECKS: readonly ((facts: Facts) => Claim[])[] = [
  checkGrowthRate,
  checkGrowthShape,
  checkTimeToLimit,
  checkRefill,
  checkLastStretch,
  checkRestartPeriod,
  checkAlert,
  checkThresholdsAgree,
  checkRowsMixProcesses,
  checkTimelineDurations,
  checkPromisedRows,
  checkLoadIndependence,
  checkLedgers,
  checkGoroutineIds,
  checkOwnArithmetic,
  checkExplainedShare,
  checkTotals,
  checkEntriesTimesBytes,
  checkBytesPerItem,
  checkLiveInstances,
  checkSnapshotMoment,
  checkEach,
  checkLifeFromCount,
  checkPerOperation,
  checkReproduction,
  checkCorrelations,
  checkLogs,
  checkRetainingPaths,
  checkVariableNames,
  checkTimeEstimate,
  checkVerification,
  checkWaitAgainstStamps,
  checkCopiedPaths,
  checkPythonSelf,
  checkKnowledge,
];

/** A series that was found in the text or its log excerpts. */
export interface FoundSeries {
  readonly name: string;
  readonly unit: string;
  readonly points: number;
  readonly fromLine: number;
  readonly toLine: number;
  readonly from: number;
  readonly to: number;
  readonly source: string;
}

/** What `stanch check` gives. */
export interface TextCheck {
  readonly schema: 'stanch/check@1';
  /** Contradicted if one claim is; holds if at least one does and none is contradicted. */
  readonly verdict: ClaimVerdict;
  readonly title: string;
  readonly counts: Readonly<Record<ClaimVerdict, number>>;
  /** In the order of the text. */
  readonly claims: readonly Claim[];
  readonly series: readonly FoundSeries[];
}

/**
 * Recomputes the numbers and weighs the causal statements of an incident text, against itself and against evidence.
 *
 * @param text Markdown or plain
 * @param evidence series and logs of other files; where they have memory they outrank the text's own tables
 */
export function checkText(text: string, evidence?: CheckEvidence): TextCheck {
  const facts = factsOf(readIncidentText(text), evidence);
  const claims = distinct(CHECKS.flatMap((check) => check(facts))).sort((a, b) => a.line - b.line);
  const counts = { holds: 0, contradicted: 0, 'cannot-tell': 0 };
  for (const { verdict } of claims) counts[verdict]++;
  return {
    schema: 'stanch/check@1',
    verdict: counts.contradicted > 0 ? 'contradicted' : counts.holds > 0 ? 'holds' : 'cannot-tell',
    title: facts.document.title,
    counts,
    claims,
    series: facts.series.map(({ name, dimension, points, source }) => ({
      name,
      unit: dimension === 'time' ? 'seconds' : dimension,
      points: points.length,
      fromLine: points[0]!.line,
      toLine: points.at(-1)!.line,
      from: points[0]!.value.value,
      to: points.at(-1)!.value.value,
      source,
    })),
  };
}

/** One claim a finding; where one way of checking could tell, that another could not is left out. */
function distinct(claims: readonly Claim[]): Claim[] {
  const seen = new Set<string>();
  const told = new Set(
    claims.filter(({ verdict }) => verdict !== 'cannot-tell').map(({ check, line }) => `${check} ${line}`),
  );
  return claims.filter(({ check, line, text, because, verdict }) => {
    if (verdict === 'cannot-tell' && told.has(`${check} ${line}`)) return false;
    const key = `${check} ${line} ${text} ${because}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
