const DELIMITERS = [',', ';', '\t', '|'] as const;

/** What parts the cells of a line: the most frequent of the usual ones; null when there is none. */
export function delimiterOf(line: string): string | null {
  let best: string | null = null;
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const count = line.split(delimiter).length - 1;
    if (count > most) {
      most = count;
      best = delimiter;
    }
  }
  return best;
}

/** The cells of one line (RFC 4180 quotes, no line feeds within), without blanks around them. */
export function splitRow(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === '"') {
      if (quoted && line[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = !quoted;
    } else if (character === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += character;
  }
  cells.push(cell.trim());
  return cells;
}

/** Bytes that a text takes in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Half a pair stands for two of the four bytes of its character.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

const NUMBER = /^([+-]?(?:\d[\d_' ]*)?(?:[.,]\d+)?(?:e[+-]?\d+)?)\s*([a-z%]*)$/i;

/**
 * A cell as a number and the unit written behind it (`512 MiB`, `85%`). Groups of thousands may be parted by `_`, `'` or a
 * blank; a comma is a decimal comma, since a comma that parts groups would have parted cells. NaN for anything else.
 */
export function parseCell(cell: string): { value: number; unit: string } {
  const plain = Number(cell);
  if (cell !== '' && Number.isFinite(plain)) return { value: plain, unit: '' };
  const match = NUMBER.exec(cell.replaceAll(/(\d),(?=\d{3}(?:\D|$))/g, '$1'));
  if (!match || match[1] === '') return { value: Number.NaN, unit: '' };
  return {
    value: Number(match[1]!.replaceAll(/[_' ]/g, '').replace(',', '.')),
    unit: match[2]!.toLowerCase(),
  };
}
