import { formatBytes } from '../base/units.ts';
import type { Unit } from '../model/series-unit.ts';

/** An amount with its unit, for reasons in plain words. */
export function amount(value: number, unit: Unit | null): string {
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'share') return `${round(value * 100)} %`;
  if (unit === 'seconds') return `${round(value)} s`;
  return round(value);
}

export function hours(value: number): string {
  if (value < 1 / 60) return `${round(value * 3600)} s`;
  if (value < 1.5) return `${round(value * 60)} min`;
  return value < 72 ? `${round(value)} h` : `${round(value / 24)} days`;
}

/** Three significant digits, no exponent. */
export function round(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(size < 1 ? 2 : 3)));
}

export function percent(share: number): string {
  return `${round(share * 100)} %`;
}

export function signedPercent(share: number): string {
  return `${share > 0 ? '+' : ''}${percent(share)}`;
}
