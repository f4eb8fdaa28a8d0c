/** A number that the program itself holds against another: `12,847 keys (expected 2)`. */
export interface Expectation {
  readonly actual: number;
  readonly expected: number;
  readonly relation: 'expected' | 'limit';
  readonly noun: string;
  readonly text: string;
  readonly line: number;
  readonly atMs: number;
}

const N = '(-?\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|-?\\d+(?:\\.\\d+)?)';
const LIMIT = '(?:limit|max(?:imum)?|cap(?:acity)?|threshold|budget)';
const WANT = '(?:expect(?:ed|ing)?|want(?:ed)?|should be|normal(?:ly)?|baseline|usual(?:ly)?|was)';
const FORMS: readonly {
  form: RegExp;
  actual: number;
  expected: number;
  noun: number;
  relation: 'expected' | 'limit';
}[] = [
  {
    form: new RegExp(
      `${N}\\s*([A-Za-z][\\w -]{0,24}?)?\\s*[([,;]\\s*${WANT}\\s*[:=]?\\s*(?:~|about |around |<=? ?)?${N}`,
      'i',
    ),
    actual: 1,
    noun: 2,
    expected: 3,
    relation: 'expected',
  },
  {
    form: new RegExp(
      `${WANT}\\s*[:=]?\\s*(?:~|at most )?${N}\\s*([A-Za-z][\\w -]{0,24}?)?[,;]?\\s*(?:but\\s+)?(?:got|found|actual(?:ly)?|have|has|saw|is|was)\\s*[:=]?\\s*${N}`,
      'i',
    ),
    expected: 1,
    noun: 2,
    actual: 3,
    relation: 'expected',
  },
  {
    form: new RegExp(
      `(?:got|found|actual|have)\\s*[:=]?\\s*${N}\\s*([A-Za-z][\\w -]{0,24}?)?[,;]?\\s*${WANT}\\s*[:=]?\\s*${N}`,
      'i',
    ),
    actual: 1,
    noun: 2,
    expected: 3,
    relation: 'expected',
  },
  {
    form: new RegExp(`${N}\\s*([A-Za-z][\\w -]{0,24}?)?\\s*[([,;]\\s*${LIMIT}\\s*[:=]?\\s*(?:of )?${N}`, 'i'),
    actual: 1,
    noun: 2,
    expected: 3,
    relation: 'limit',
  },
];

/** The first such pair of a message, null when there is none. */
export function expectationOf(message: string, line: number, atMs: number): Expectation | null {
  if (!/expect|want|should be|limit|max|cap|threshold|budget|normal|baseline|usual|\bwas\b/i.test(message))
    return null;
  for (const { form, actual, expected, noun, relation } of FORMS) {
    const match = form.exec(message);
    if (!match) continue;
    return {
      actual: Number(match[actual]!.replaceAll(',', '')),
      expected: Number(match[expected]!.replaceAll(',', '')),
      relation,
      noun: (match[noun] ?? '').trim(),
      text: message,
      line,
      atMs,
    };
  }
  return null;
}
