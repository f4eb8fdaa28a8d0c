import { CaptureError } from './capture-error.ts';

/** Which agent is asked. */
export interface PythonDumpOptions {
  /** Address of the service or of the agent's own port; the path is the agent's. */
  readonly url: string;
  readonly token: string;
  readonly signal?: AbortSignal;
}

/** What the agent says of a dump (`docs/agents/python.md`). */
export interface PythonDump {
  /** Path on the machine of the process. */
  readonly file: string;
  readonly mode: 'fork' | 'process';
  readonly objects: number;
  /** How long the service stood still; null where the dump was written in the process, beside its work. */
  readonly stopMs: number | null;
}

/**
 * Has the agent in a Python process write an object graph from a forked child.
 *
 * @throws CaptureError when nobody answers, the token is wrong, or the agent refuses (with the reason)
 * @example
 * import { capturePythonDump } from 'stanch';
 *
 * const { SERVICE_URL: url, STANCH_TOKEN: token } = process.env;
 * if (url && token) process.stdout.write(`${(await capturePythonDump({ url, token })).file}\n`);
 */
export async function capturePythonDump({ url, token, signal }: PythonDumpOptions): Promise<PythonDump> {
  const address = new URL('/.stanch/dump', url);
  let response: Response;
  try {
    response = await fetch(address, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, connection: 'close' },
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    throw new CaptureError(url, 'connect', 'nobody answers', { cause });
  }
  const answer = (await response.json().catch(() => ({}))) as Partial<PythonDump> & {
    refused?: string;
    error?: string;
  };
  if (response.ok && answer.file !== undefined) return answer as PythonDump;
  if (response.status === 404) {
    throw new CaptureError(url, 'find', 'no Stanch agent answers there', {
      hint: 'is the agent started with this token? (docs/agents/python.md)',
    });
  }
  throw new CaptureError(url, 'take-snapshot', answer.refused ?? answer.error ?? `answer ${response.status}`);
}
