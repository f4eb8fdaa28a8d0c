/** One goroutine of a dump: its number, its stack, and what started it; Go 1.21 and newer say who that was. */
const GOROUTINE =
  /^goroutine (\d+) .*:\r?\n(?:.+\r?\n)*?created by \S+(?: in goroutine (\d+))?\r?\n\s+(?:.*\/)?([^/\s]+:\d+)/gm;

function* goroutines(dump) {
  for (const [, id, creator, site] of dump.matchAll(GOROUTINE)) yield { id, creator, site };
}

/**
 * Counts the goroutines of a stack dump (`debug=2`) by the line that started them.
 *
 * @param {string} dump
 * @returns {Record<string, number>} by site, such as `storage.go:67`
 */
export function countBySite(dump) {
  return count([...goroutines(dump)]);
}

/**
 * The same, of those whose creator has ended. Before Go 1.21 a dump does not tell.
 *
 * @param {string} dump
 * @returns {Record<string, number>}
 */
export function orphansBySite(dump) {
  const alive = new Set(Array.from(dump.matchAll(/^goroutine (\d+) /gm), ([, id]) => id));
  return count([...goroutines(dump)].filter(({ creator }) => creator !== undefined && !alive.has(creator)));
}

/**
 * @param {string} dump
 * @param {string} [site] only of those that this line started
 * @returns {Set<string>}
 */
export function goroutineIds(dump, site) {
  const all = [...goroutines(dump)];
  return new Set(all.filter((each) => site === undefined || each.site === site).map(({ id }) => id));
}

function count(all) {
  const counts = {};
  for (const { site } of all) counts[site] = (counts[site] ?? 0) + 1;
  return counts;
}
