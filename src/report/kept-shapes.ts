import type { TextChecks } from '../claims/text-checks.ts';
import type { Verification } from '../verify/verification.ts';
import type { ConfirmedSeries } from './report-input.ts';

/*
 * A case may come from anywhere, and a later Stanch may write other documents under a known schema: what is taken out of them must be there.
 */

type Fields = Record<string, unknown>;

export function isConfirmedSeries(value: unknown): value is ConfirmedSeries {
  const document = fieldsOf(value);
  const window = fieldsOf(document['window']);
  return (
    document['schema'] === 'stanch/confirm@1' &&
    typeof document['metric'] === 'string' &&
    ['leak', 'no-leak', 'inconclusive'].includes(document['verdict'] as string) &&
    [window['from'], window['to']].every((each) => typeof each === 'string') &&
    typeof window['samples'] === 'number' &&
    lists(document, ['segments', 'restarts', 'correlates', 'reasons', 'missing']) &&
    isPoints(document['samples']) &&
    isPoints(document['floor']) &&
    (document['limit'] === null || typeof document['limit'] === 'number')
  );
}

export function isChecks(value: unknown): value is TextChecks {
  const document = fieldsOf(value);
  const claims = document['claims'];
  return (
    document['schema'] === 'stanch/check@1' &&
    Array.isArray(claims) &&
    claims.every((claim) =>
      ['text', 'verdict', 'because', 'file'].every((key) => typeof fieldsOf(claim)[key] === 'string'),
    )
  );
}

export function isVerification(value: unknown): value is Verification {
  const document = fieldsOf(value);
  return (
    document['schema'] === 'stanch/verify@1' &&
    ['fixed', 'still-leaking', 'not-enough-data'].includes(document['verdict'] as string) &&
    typeof document['summary'] === 'string' &&
    lists(document, ['reasons', 'missing']) &&
    (document['series'] === null || isSides(fieldsOf(document['series']))) &&
    (document['dumps'] === null || Array.isArray(fieldsOf(document['dumps'])['causes']))
  );
}

function isSides(series: Fields): boolean {
  return ['before', 'after'].every((side) => typeof fieldsOf(series[side])['hours'] === 'number');
}

function isPoints(value: unknown): boolean {
  if (value === null) return true;
  const { times, values } = fieldsOf(value);
  return (
    Array.isArray(times) &&
    Array.isArray(values) &&
    times.length === values.length &&
    [...times, ...values].every((each) => typeof each === 'number')
  );
}

function lists(document: Fields, names: readonly string[]): boolean {
  return names.every((name) => Array.isArray(document[name]));
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
