import { once } from 'node:events';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { UsageError } from '../../base/errors.ts';
import { CaptureError } from '../capture-error.ts';
import { writeEvidence } from './evidence-file.ts';

/** Nothing of what is asked here takes longer than this to begin with its answer. */
const ANSWER_TIMEOUT_MS = 120_000;

/**
 * Asks over a connection of its own, closed at once: a kept one would stand in the next capture as a goroutine.
 *
 * @throws CaptureError (step `connect`) when nobody answers
 */
async function ask(
  url: URL,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? getHttps : getHttp;
  try {
    const request = get(url, { agent: false, signal, headers, timeout: ANSWER_TIMEOUT_MS });
    request.on('timeout', () => request.destroy(new Error(`no answer in ${ANSWER_TIMEOUT_MS / 1000} s`)));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  } catch (cause) {
    signal.throwIfAborted();
    throw new CaptureError(url.href, 'connect', (cause as Error).message, { cause });
  }
}

/** Streams what an address answers into a file. Null when the address does not exist there (404). */
export async function download(
  url: URL,
  file: string,
  signal: AbortSignal,
  options: { pack?: boolean; headers?: Readonly<Record<string, string>> } = {},
): Promise<{ bytes: number; sha256: string } | null> {
  const response = await ask(url, signal, options.headers);
  if (response.statusCode !== 200) {
    response.destroy();
    if (response.statusCode === 404) return null;
    throw new CaptureError(url.href, 'take-snapshot', `it answered ${response.statusCode}`);
  }
  try {
    return await writeEvidence(file, response, options);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof UsageError) throw cause;
    const step =
      (cause as NodeJS.ErrnoException).syscall === undefined || !response.complete
        ? 'take-snapshot'
        : 'write';
    throw new CaptureError(url.href, step, (cause as Error).message, { cause });
  }
}

/** The first bytes of an answer, as text; null when it is not 200. */
export async function headOf(
  url: URL,
  signal: AbortSignal,
  mostBytes: number = 4096,
): Promise<string | null> {
  const response = await ask(url, signal);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    if (response.statusCode !== 200) return null;
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes >= mostBytes) break;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw new CaptureError(url.href, 'connect', (cause as Error).message, { cause });
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}
