import type { Growth } from '../analysis/growth.ts';
import { gain } from '../base/gain.ts';
import type { Diagnosis, Finding } from '../model/finding.ts';
import type { Explained } from './findings.ts';

/**
 * Where every grown byte went. Each object was counted under one owner, so the parts add up to the whole; what shrank is
 * shown apart, so that it cannot hide growth.
 */
export function accountFor(
  growth: Growth,
  findings: readonly Finding[],
  notShown: readonly Explained[],
  harmless: readonly Explained[],
  engineText: string,
): Diagnosis['growth'] {
  const fromBytes = growth.totalBytes[0]!;
  const toBytes = growth.totalBytes[growth.totalBytes.length - 1]!;
  const explainedBytes = sum(findings.map((finding) => finding.growth.bytes));
  const parts = [
    { what: engineText, bytes: gain(growth.engineBytes) },
    { what: 'causes beyond those shown', bytes: bytesOf(notShown) },
    { what: 'growth that was looked at and is no leak', bytes: bytesOf(harmless) },
    { what: 'small things', bytes: gain(growth.otherBytes) },
    { what: 'garbage that was not collected yet', bytes: gain(growth.garbageBytes) },
  ];
  const rest = toBytes - fromBytes - explainedBytes - sum(parts.map((part) => part.bytes));
  parts.push({ what: 'objects that changed their own size', bytes: rest });
  const shrunkBytes = sum(parts.map((part) => Math.max(0, -part.bytes)));
  const grownBytes = Math.max(0, toBytes - fromBytes + shrunkBytes);
  return {
    fromBytes,
    toBytes,
    grownBytes,
    shrunkBytes,
    explainedBytes,
    explainedShare: grownBytes === 0 ? 0 : explainedBytes / grownBytes,
    unexplained: parts.filter((part) => part.bytes > 0),
  };
}

function bytesOf(causes: readonly Explained[]): number {
  return sum(causes.map((each) => gain(each.bytes)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
