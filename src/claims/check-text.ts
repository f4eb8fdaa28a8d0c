import { readIncidentText } from '../formats/incident-text/read.ts';
import { checkAlert, checkThresholdsAgree } from './checks/alert.ts';
import { checkAllocationDiff } from './checks/allocation-diff.ts';
import { checkBeforeAfter } from './checks/before-after.ts';
import { checkCaps } from './checks/caps.ts';
import { checkCollections } from './checks/collections.ts';
import { checkColumnShare } from './checks/column-share.ts';
import { checkCorrelations } from './checks/correlation.ts';
import { checkDumpFacts } from './checks/dump-facts.ts';
import { checkEndpoints } from './checks/endpoints.ts';
import { checkFlatness } from './checks/flatness.ts';
import { checkGoroutineIds } from './checks/goroutine-ids.ts';
import { checkGrowthRate, checkGrowthShape } from './checks/growth-rate.ts';
import { checkKnowledge } from './checks/knowledge.ts';
import { checkLasted } from './checks/lasted.ts';
import { checkLedgers, checkOwnArithmetic } from './checks/ledger.ts';
import { checkLevelShare } from './checks/level-share.ts';
import { checkLevels } from './checks/levels.ts';
import { checkLogs } from './checks/logs.ts';
import { checkMultiples, checkNamedGrowth, checkSameRate } from './checks/named-growth.ts';
import { checkOnset } from './checks/onset.ts';
import { checkPerOperation, checkReproduction } from './checks/operations.ts';
import { checkPerOperationRatio } from './checks/per-operation-ratio.ts';
import { checkPerThing } from './checks/per-thing.ts';
import { checkRanking } from './checks/ranking.ts';
import { checkRestartCure } from './checks/restart-cure.ts';
import { checkRestartPeriod } from './checks/restart-period.ts';
import { checkRetainingPaths, checkVariableNames } from './checks/retaining-path.ts';
import { checkRoomLeft } from './checks/room-left.ts';
import { checkRowComparison } from './checks/row-comparison.ts';
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
import { checkSettings } from './checks/settings.ts';
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
import { checkSums } from './checks/sums.ts';
import { checkLastStretch, checkRefill, checkTimeToLimit } from './checks/time-to-limit.ts';
import { checkUnitArithmetic } from './checks/unit-arithmetic.ts';
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
  checkNamedGrowth,
  checkMultiples,
  checkSameRate,
  checkFlatness,
  checkLevels,
  checkLevelShare,
  checkEndpoints,
  checkAllocationDiff,
  checkRoomLeft,
  checkLasted,
  checkOnset,
  checkPerThing,
  checkSums,
  checkSettings,
  checkRanking,
  checkCollections,
  checkDumpFacts,
  checkBeforeAfter,
  checkUnitArithmetic,
  checkCaps,
  checkColumnShare,
  checkRowComparison,
  checkPerOperationRatio,
  checkRestartCure,
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
