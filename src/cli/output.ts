/** Where a command writes and what it may do there. Tests give their own. */
export interface Output {
  /** Results go here and nowhere else. */
  result(text: string): void;
  /** Messages and progress. */
  message(text: string): void;
  readonly colours: boolean;
  /** Colours for messages: their stream may be another kind of thing than that of results. */
  readonly messageColours: boolean;
  /** Columns that text may take. */
  readonly width: number;
  /** True when messages go to a terminal that can rewrite a line. */
  readonly showsProgress: boolean;
  readonly stdin: AsyncIterable<Uint8Array>;
}

const MAX_COLUMNS = 100;
const MIN_COLUMNS = 60;

/** The output of this process. */
export function processOutput(): Output {
  const { stdout, stderr, stdin, env } = process;
  return {
    result: (text) => void stdout.write(text),
    message: (text) => void stderr.write(text),
    colours: wantsColours(stdout.isTTY === true, env),
    messageColours: wantsColours(stderr.isTTY === true, env),
    width: Math.max(MIN_COLUMNS, Math.min(MAX_COLUMNS, stdout.columns || MAX_COLUMNS)),
    showsProgress: stderr.isTTY === true && env['TERM'] !== 'dumb' && env['CI'] === undefined,
    stdin,
  };
}

/** https://no-color.org and https://force-color.org, the latter stronger. */
export function wantsColours(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return isTerminal && env['TERM'] !== 'dumb';
}
