/** Minutes that a zone's clock is ahead of UTC. IST and CST stand for several zones and are left out. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  BST: 60,
  CET: 60,
  WEST: 60,
  CEST: 120,
  EET: 120,
  EEST: 180,
  MSK: 180,
  JST: 540,
  AEST: 600,
  AEDT: 660,
  EST: -300,
  EDT: -240,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
};
const NAME = new RegExp(
  `(?<![A-Za-z])(${Object.keys(ZONES)
    .filter((name) => name !== 'Z')
    .join('|')})(?![A-Za-z])|(?<=\\d)Z\\b`,
);
const OFFSET = /(?<=\d)\s?([+-])(\d\d):?(\d\d)\b/;

/** The first zone that a text names, in minutes ahead of UTC; null when it names none. */
export function zoneShiftOf(text: string): number | null {
  const name = NAME.exec(text);
  if (name) return ZONES[name[1] ?? 'Z']!;
  const offset = /\d:\d\d(?::\d\d)?/.test(text) ? OFFSET.exec(text) : null;
  return offset ? (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) : null;
}
