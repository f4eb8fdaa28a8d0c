import { EXIT, StanchError } from '../base/errors.ts';

/** What a capture was doing when it failed. */
export type CaptureStep = 'find' | 'connect' | 'collect-garbage' | 'take-snapshot' | 'write';

/** Evidence could not be taken from a running process. */
export class CaptureError extends StanchError {
  /** The process or address that was asked. */
  readonly target: string;
  readonly step: CaptureStep;

  constructor(
    target: string,
    step: CaptureStep,
    reason: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(`${target}: ${WHILE[step]}: ${reason}`, {
      code: `capture-${step}`,
      exitCode: EXIT.unreachable,
      ...options,
    });
    this.target = target;
    this.step = step;
  }
}

const WHILE: Readonly<Record<CaptureStep, string>> = {
  find: 'looking at it',
  connect: 'connecting',
  'collect-garbage': 'collecting garbage',
  'take-snapshot': 'taking the dump',
  write: 'writing the dump',
};
