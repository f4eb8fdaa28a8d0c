/** Exit codes of the command line, as promised in the contracts page. */
export const EXIT = {
  clean: 0,
  leak: 1,
  usage: 2,
  unreadable: 3,
  unreachable: 4,
  notEnough: 5,
} as const;

export interface StanchErrorOptions {
  code: string;
  /** What the reader can do next, as one sentence. */
  hint?: string;
  exitCode?: number;
  cause?: unknown;
}

/** The one error family that Stanch throws on purpose. Anything else is a bug. */
export class StanchError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: StanchErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? EXIT.usage;
  }
}

export interface FormatErrorOptions {
  file: string;
  /** Byte offset in the (decompressed) input at which reading stopped making sense. */
  offset: number;
  expected: string;
  found?: string;
  hint?: string;
  cause?: unknown;
  /** True when the input simply ends too early, so that its readable part may still be of use. */
  truncated?: boolean;
}

/** The evidence is not what its format promises. */
export class FormatError extends StanchError {
  readonly file: string;
  readonly offset: number;
  readonly truncated: boolean;

  constructor(options: FormatErrorOptions) {
    const found = options.found === undefined ? '' : `, found ${options.found}`;
    super(`${options.file}: at byte ${options.offset}: expected ${options.expected}${found}`, {
      code: options.truncated ? 'format-truncated' : 'format-invalid',
      exitCode: EXIT.unreadable,
      ...(options.hint === undefined ? {} : { hint: options.hint }),
      cause: options.cause,
    });
    this.file = options.file;
    this.offset = options.offset;
    this.truncated = options.truncated ?? false;
  }
}

/** The command or the call was not understood. */
export class UsageError extends StanchError {
  constructor(message: string, hint?: string) {
    super(message, { code: 'usage', exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });
  }
}
