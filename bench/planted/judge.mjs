/** @typedef {import('../generate/truth.mjs').PlantedLeak} PlantedLeak */

/**
 * @typedef {object} Judgement how one finding fares against one planted leak
 * @property {any} finding of `stanch diagnose --json`
 * @property {boolean} count it grew by exactly the planted number of objects
 * @property {boolean} path its path or owner contains the names of the planted one
 * @property {boolean} line one of its locations is a line that names the cause
 */

/** How many objects a leak took between the first snapshot and the last. @param {PlantedLeak} leak */
export function plantedGrowth({ counts }) {
  return counts.final - counts.baseline;
}

/**
 * The finding that fits a planted leak best; undefined when none has its path or its line.
 *
 * @param {readonly any[]} findings
 * @param {PlantedLeak} leak
 * @returns {Judgement | undefined}
 */
export function bestMatch(findings, leak) {
  const score = (/** @type {Judgement} */ { count, path, line }) =>
    Number(count) + 2 * (Number(path) + Number(line));
  const matches = findings.map((finding) => judge(finding, leak)).filter(({ path, line }) => path || line);
  return matches.sort((a, b) => score(b) - score(a))[0];
}

/**
 * The findings whose owner is healthy.
 *
 * @param {readonly any[]} findings
 * @param {readonly string[]} healthy names of healthy owners
 */
export function wronglyAccused(findings, healthy) {
  return findings.filter(({ owner }) => healthy.some((name) => new RegExp(`\\b${name}\\b`).test(owner)));
}

/** @param {any} finding @param {PlantedLeak} leak @returns {Judgement} */
function judge(finding, leak) {
  const text = whereText(finding);
  return {
    finding,
    count: finding.growth.objects === plantedGrowth(leak),
    path: leak.path.every((name) => text.includes(name.toLowerCase())),
    line: [finding.location, ...finding.alsoSee].some((location) => namesCause(location, leak)),
  };
}

/** Everything that a finding says about where the leak is, in lower case. @param {any} finding */
function whereText({ title, owner, path }) {
  return [title, owner, ...path.flatMap(({ node, via }) => [node, via])].join(' ').toLowerCase();
}

/** @param {{file: string, line: number} | null} location @param {PlantedLeak} leak */
function namesCause(location, { causes }) {
  return causes.some(({ file, line }) => location?.file.endsWith(file) && location.line === line);
}
