import { setTimeout as sleep } from 'node:timers/promises';
import { type Gate, pass, refuse } from './plan.ts';

const ANSWER_WITHIN_MS = 2000;
const ASK_EVERY_MS = 250;
/** Above this share of failed questions, and more than one, something is wrong. */
const MOST_FAILED_SHARE = 0.05;
const GOOD_IN_ROW = 3;

/** One question: 2xx within two seconds is ready. Redirects are not followed: where they lead says nothing of this service. */
async function isReady(url: string, signal?: AbortSignal): Promise<{ ready: boolean; says: string }> {
  const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    const response = await fetch(url, {
      headers: { connection: 'close' },
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    await response.body?.cancel();
    return { ready: response.ok, says: `${url} answers ${response.status}` };
  } catch (error) {
    const { name, cause, message } = error as Error;
    const why =
      name === 'TimeoutError'
        ? `not within ${ANSWER_WITHIN_MS / 1000} s`
        : ((cause as Error | undefined)?.message ?? message);
    return { ready: false, says: `${url} does not answer: ${why}` };
  }
}

/** An address that does not answer now would not tell anything later. Null without an address. */
export async function readyGate(url: string | null): Promise<Gate | null> {
  if (url === null) return null;
  const { ready, says } = await isReady(url);
  return ready
    ? pass('ready', says)
    : refuse(
        'ready',
        `the service is not ready as it is: ${says}`,
        'mend that first: a restart now would hide what is wrong',
      );
}

/** Asks again and again while something goes on, and counts. */
export class ReadyWatch {
  private asked = 0;
  private failed = 0;
  /** Good answers since the last bad one. */
  private inRow = 0;
  lastSays = '';
  private readonly stopped = new AbortController();
  private readonly loop: Promise<void>;

  constructor(
    readonly url: string,
    readonly everyMs: number = ASK_EVERY_MS,
  ) {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.loop;
  }

  get counts(): { asked: number; failed: number } {
    return { asked: this.asked, failed: this.failed };
  }

  get isGood(): boolean {
    return this.inRow >= GOOD_IN_ROW;
  }

  /** Null while the service answers as it should; else how often it did not. */
  get problem(): string | null {
    const { asked, failed, url } = this;
    return failed >= 2 && failed > asked * MOST_FAILED_SHARE
      ? `${failed} of ${asked} questions to ${url} failed meanwhile`
      : null;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      const { ready, says } = await isReady(this.url, signal);
      if (signal.aborted) return;
      this.asked++;
      if (!ready) this.failed++;
      this.inRow = ready ? this.inRow + 1 : 0;
      this.lastSays = says;
      await sleep(this.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
