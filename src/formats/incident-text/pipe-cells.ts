/** The cells of a row of a Markdown table, with or without a bar at its ends, without blanks around them. */
export function pipeCells(row: string): string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}
