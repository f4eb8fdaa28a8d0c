import { StanchError } from '../../base/errors.ts';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs work that must tidy up after itself: a signal that would end the process aborts the work instead, so that it
 * can end what it started. A second signal ends the process at once.
 *
 * @throws StanchError `interrupted`, with the exit code that shells expect for the signal
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let by: keyof typeof SIGNALS | null = null;
  const interrupt = (name: NodeJS.Signals): void => {
    if (by !== null) process.exit(SIGNALS[by]);
    by = name as keyof typeof SIGNALS;
    controller.abort();
  };
  const names = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];
  for (const name of names) process.on(name, interrupt);
  const interrupted = (name: keyof typeof SIGNALS): StanchError =>
    new StanchError('stopped; what was started has ended and its files are gone', {
      code: 'interrupted',
      exitCode: SIGNALS[name],
    });
  try {
    const result = await work(controller.signal);
    if (by !== null) throw interrupted(by);
    return result;
  } catch (error) {
    // Whatever fails once the work was aborted fails because of that.
    throw by === null ? error : interrupted(by);
  } finally {
    for (const name of names) process.off(name, interrupt);
  }
}
