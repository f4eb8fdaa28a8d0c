import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentDoor, askAgent } from './agent-http.ts';
import { CaptureError } from './capture-error.ts';
import type { RubyAgentStatus } from './ruby-agent.ts';

/** What the endpoint of the Ruby agent says of a process (`docs/agents/ruby.md`). */
export interface RubyEndpointStatus extends RubyAgentStatus {
  readonly folder: string;
  readonly startTicks: number;
  /** Whether dumps are handed out over HTTP; absent in agents that cannot. */
  readonly download?: boolean;
}

/** A dump on the machine of the process. */
export interface RubyEndpointDump {
  readonly path: string;
  /** Path of the names file; null when there is none. */
  readonly names: string | null;
}

const POLL_EVERY_MS = 250;
const TIMEOUT_MS = 300_000;

/**
 * What the agent behind an address says of the worker that happens to answer, or of the one with this pid; null when no Ruby agent is
 * there, or the token is wrong.
 */
export async function rubyAgentAt(door: AgentDoor, pid?: number): Promise<RubyEndpointStatus | null> {
  const { status, body } = await askAgent(door, `/__stanch/status${pid === undefined ? '' : `?pid=${pid}`}`);
  return status === 200 && body['schema'] === 'stanch/ruby-agent@1' && typeof body['pid'] === 'number'
    ? (body as unknown as RubyEndpointStatus)
    : null;
}

/**
 * Has one worker write a dump, whichever worker answers, and waits until it tells of it.
 *
 * @throws CaptureError with the agent's own reason
 */
export async function rubyDumpOverHttp(
  door: AgentDoor & { readonly signal: AbortSignal },
  { pid, gz }: { readonly pid: number; readonly gz: boolean },
): Promise<RubyEndpointDump> {
  const id = randomUUID();
  const asked = await askAgent(door, `/__stanch/dump?pid=${pid}&gz=${gz ? 1 : 0}&id=${id}`, {
    method: 'POST',
  });
  if (asked.status !== 202) {
    const { reason, error } = asked.body;
    throw new CaptureError(door.url, 'take-snapshot', String(reason ?? error ?? `answer ${asked.status}`));
  }
  const deadline = performance.now() + TIMEOUT_MS;
  while (performance.now() < deadline) {
    await sleep(POLL_EVERY_MS, undefined, { signal: door.signal });
    const status = await rubyAgentAt(door, pid);
    if (status === null)
      throw new CaptureError(door.url, 'take-snapshot', `worker ${pid} has ended meanwhile`, {
        hint: 'its log says why; another worker can be captured',
      });
    const last = status.last as (RubyAgentStatus['last'] & { readonly names?: string | null }) | null;
    if (last?.id !== id) continue;
    if (last.state === 'done' && last.path) return { path: last.path, names: last.names ?? null };
    throw new CaptureError(door.url, 'take-snapshot', last.reason ?? `the dump ${last.state}`);
  }
  throw new CaptureError(door.url, 'take-snapshot', `no dump after ${TIMEOUT_MS / 1000} s`, {
    hint: 'the log of the service says why',
  });
}
