/**
 * What happens in a minute of the incident: 120 uploads, 45 chunked ones of which 3 are abandoned, 200 sync operations.
 * How many of them show progress or watch, and how often a plan changes, the report does not say. These numbers add
 * up to the 43 goroutines a minute that it measured.
 */
const MINUTE = {
  upload: 96,
  uploadWithProgress: 24,
  chunkedUpload: 42,
  abandonedUpload: 3,
  push: 94,
  pull: 94,
  watch: 12,
  changePlan: 4,
};

/**
 * The operations of a minute in a random order.
 *
 * @param {(below: number) => number} random
 * @returns {(keyof typeof MINUTE)[]}
 */
export function incidentMinute(random) {
  const operations = Object.entries(MINUTE).flatMap(([name, times]) => Array(times).fill(name));
  for (let last = operations.length - 1; last > 0; last--) {
    const other = random(last + 1);
    [operations[last], operations[other]] = [operations[other], operations[last]];
  }
  return operations;
}
