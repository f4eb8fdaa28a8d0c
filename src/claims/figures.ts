import { formatCount } from '../base/units.ts';

/** Three significant digits, in the unit that the number is best read in. Powers of 1000. */
export function sizeText(bytes: number): string {
  const size = Math.abs(bytes);
  for (const [unit, scale] of [
    ['TB', 1e12],
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const)
    if (size >= 0.9995 * scale) return `${digits(bytes / scale)} ${unit}`;
  return `${digits(bytes)} B`;
}

/** Three significant digits without an exponent; whole numbers with commas. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return formatSigned(value);
  return String(Number(value.toPrecision(3)));
}

function formatSigned(value: number): string {
  return value < 0 ? `-${formatCount(-value)}` : formatCount(value);
}

export function rateText(bytesPerHour: number): string {
  return Math.abs(bytesPerHour) >= 1e9 / 2
    ? `${sizeText(bytesPerHour / 60)}/min`
    : `${sizeText(bytesPerHour)}/h`;
}

/** Minutes as people say them: "13 min", "2 h 51 min", "30.5 h". */
export function durationText(minutes: number): string {
  if (minutes < 1) return `${digits(minutes * 60)} s`;
  if (minutes < 100) return `${digits(minutes)} min`;
  if (minutes >= 600) return `${digits(minutes / 60)} h`;
  const whole = Math.round(minutes);
  const rest = whole % 60;
  return rest === 0 ? `${whole / 60} h` : `${Math.floor(whole / 60)} h ${rest} min`;
}

export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : Number(percent.toPrecision(2))} %`;
}

/** Minutes on the text's own axis as the clock that was written. */
export function clockText(minute: number): string {
  const inDay = ((Math.round(minute) % 1440) + 1440) % 1440;
  return `${String(Math.floor(inDay / 60)).padStart(2, '0')}:${String(inDay % 60).padStart(2, '0')}`;
}
