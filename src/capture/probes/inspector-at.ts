const ASK_TIMEOUT_MS = 2000;

/** The web socket of an inspector that listens there; null when something else does, or nobody. */
export async function inspectorAt(host: string, port: number, signal?: AbortSignal): Promise<string | null> {
  try {
    const timeout = AbortSignal.timeout(ASK_TIMEOUT_MS);
    const response = await fetch(`http://${host}:${port}/json/list`, {
      headers: { connection: 'close' },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const list = (await response.json()) as { type?: string; webSocketDebuggerUrl?: string }[];
    const url = list.find(({ type }) => type === 'node')?.webSocketDebuggerUrl;
    if (url === undefined) return null;
    // What is asked through a tunnel calls itself by its own name: the way there is ours.
    const { pathname } = new URL(url);
    return `ws://${host}:${port}${pathname}`;
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}
