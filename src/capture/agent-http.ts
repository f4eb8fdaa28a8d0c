import { CaptureError } from './capture-error.ts';

/** An agent that is asked over HTTP. */
export interface AgentDoor {
  /** Address of the service or of the agent's own port; paths are the agent's. */
  readonly url: string;
  readonly token: string;
  readonly signal?: AbortSignal | undefined;
}

export interface AgentAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * One question to an agent, over a connection of its own so that any worker may be met; never follows to another address with the token.
 *
 * @throws CaptureError when nobody answers
 */
export async function askAgent(
  { url, token, signal }: AgentDoor,
  path: string,
  { method = 'GET', timeoutMs = ANSWER_TIMEOUT_MS }: { method?: string; timeoutMs?: number } = {},
): Promise<AgentAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(agentUrl(url, path), {
      method,
      headers: { ...authorization(token), connection: 'close' },
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const body = (await response.json().catch(() => null)) as Record<string, unknown> | null;
    return { status: response.status, body: typeof body === 'object' && body !== null ? body : {} };
  } catch (cause) {
    signal?.throwIfAborted();
    throw new CaptureError(url, 'connect', 'nobody answers', { cause });
  }
}

export function agentUrl(url: string, path: string): URL {
  return new URL(path, url);
}

export function authorization(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
