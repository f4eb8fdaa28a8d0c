/** @typedef {import('./race.mjs').Row} Row */

const MS_PER_SECOND = 1_000;
const BYTES_PER_MB = 1_000_000;
const UNKNOWN = '–';

const HEADINGS = [
  'files',
  'tool',
  'wall',
  'CPU',
  'peak memory',
  "Stanch's time",
  "Stanch's memory",
  'result',
];

/** @param {number | null} ms */
const seconds = (ms) => (ms === null ? UNKNOWN : `${(ms / MS_PER_SECOND).toFixed(2)} s`);

/** @param {number | null} bytes */
const megabytes = (bytes) => (bytes === null ? UNKNOWN : `${Math.round(bytes / BYTES_PER_MB)} MB`);

/** The Stanch row that a peer's row is compared with. @param {Row} row @param {readonly Row[]} rows */
function stanchRow(row, rows) {
  if (row.family !== 'memlab' && row.family !== 'devtools') return undefined;
  return rows.find(
    (other) =>
      other.family === 'stanch' && other.size === row.size && other.task === row.task && !other.failure,
  );
}

/** @param {Row} row @param {readonly Row[]} rows */
function ratios(row, rows) {
  const stanch = stanchRow(row, rows);
  if (!stanch || row.failure) return [UNKNOWN, UNKNOWN];
  const memory =
    row.peakBytes && stanch.peakBytes ? `${percent(stanch.peakBytes / row.peakBytes)} of it` : UNKNOWN;
  return [
    `${percent(stanch.wallMs / row.wallMs)} of it (${(row.wallMs / stanch.wallMs).toFixed(1)}× faster)`,
    memory,
  ];
}

/** @param {number} share */
const percent = (share) => `${Math.round(share * 100)} %`;

/**
 * One markdown table of all rows, in their order.
 *
 * @param {readonly Row[]} rows
 */
export function markdownTable(rows) {
  const cells = rows.map((row) => [
    row.files,
    row.label,
    seconds(row.wallMs),
    seconds(row.cpuMs),
    megabytes(row.peakBytes),
    ...ratios(row, rows),
    row.failure ? `**fails**: ${row.failure}` : row.result,
  ]);
  const line = (/** @type {string[]} */ columns) => `| ${columns.join(' | ')} |`;
  return [line(HEADINGS), line(HEADINGS.map(() => '---')), ...cells.map(line), ''].join('\n');
}
