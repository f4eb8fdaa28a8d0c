import { CaptureError } from './capture-error.ts';

/** Which agent is asked. */
export interface PythonDumpOptions {
  /** Address of the service or of the agent's own port; the path is the agent's. */
  readonly url: string;
  readonly token: string;
  /** The worker that shall write it, by the pid that its agent tells; without it, whichever answers. */
  readonly pid?: number;
  readonly signal?: AbortSignal;
}

/** Workers that share a port answer by turns: after so many answers of others the one that is meant is not among them. */
const TURNS = 200;

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
export async function capturePythonDump(options: PythonDumpOptions): Promise<PythonDump> {
  const { url, pid } = options;
  for (let turn = 0; turn < TURNS; turn++) {
    const dump = await askForDump(options);
    if (dump !== null) return dump;
  }
  throw new CaptureError(url, 'find', `worker ${pid} no longer answers there`, {
    hint: 'others do: begin a new series',
  });
}

/** Null when another worker has answered. */
async function askForDump({ url, token, pid, signal }: PythonDumpOptions): Promise<PythonDump | null> {
  const address = new URL(`/.stanch/dump${pid === undefined ? '' : `?pid=${pid}`}`, url);
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
  if (response.status === 421) return null;
  if (response.status === 404) {
    throw new CaptureError(url, 'find', 'no Stanch agent answers there', {
      hint: 'is the agent started with this token? (docs/agents/python.md)',
    });
  }
  throw new CaptureError(url, 'take-snapshot', answer.refused ?? answer.error ?? `answer ${response.status}`);
}
