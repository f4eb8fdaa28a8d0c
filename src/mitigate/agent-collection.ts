import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, StanchError } from '../base/errors.ts';
import { writeAgentRequest } from '../sources/processes/agent-request.ts';
import type { ProcessFacts } from '../sources/processes/process-facts.ts';

/** What is alive in a Ruby or Python process, as its agent counts it. Null where the runtime does not say. */
export interface AliveFigures {
  readonly rss: number | null;
  /** Slots of Ruby's heap that are in use. */
  readonly liveObjects?: number;
  /** Blocks of CPython's own allocator: nearly every object is one. */
  readonly liveBlocks?: number | null;
  /** Ruby, where it was asked to measure: bytes of all objects. */
  readonly liveBytes?: number;
}

/** What an agent says of a collection. */
export interface AgentCollection {
  readonly tookMs: number;
  /** Whether what the allocator had free was given back to the system. */
  readonly trimmed: boolean;
  readonly before: AliveFigures;
  readonly after: AliveFigures;
}

interface Told extends AgentCollection {
  readonly id?: string;
  readonly state: string;
  readonly reason?: string;
  /** After so long it would not be refused. */
  readonly waitSeconds?: number | null;
}

export interface CollectionWish {
  /** Has free memory given back to the system, too. */
  readonly trim?: boolean;
  /** Has what is alive weighed (Ruby): a walk over the heap. */
  readonly measure?: boolean;
  /** Waits until the agent will, however long, instead of failing after half a minute. */
  readonly patient?: boolean;
}

const POLL_EVERY_MS = 25;
const TIMEOUT_MS = 60_000;
/** An agent that collected a moment ago asks for so many seconds at most before it is called a refusal. */
const SHORT_WAIT_SECONDS = 30;

/** Whether the agent in a process collects when it is asked to: one that does not would take a dump instead. */
export function offersCollection({ agent }: ProcessFacts): boolean {
  return agent !== null && agent.signal !== null && agent.offers.includes('collect');
}

/**
 * Has a Ruby or Python process collect its garbage, through Stanch's agent in it: a request is laid down, and its signal sent.
 *
 * @throws StanchError with the agent's own reason, or when it does not answer
 */
export async function collectByAgent(
  facts: ProcessFacts,
  { patient = false, ...wish }: CollectionWish,
  signal: AbortSignal,
): Promise<AgentCollection> {
  let leftSeconds = patient ? Number.POSITIVE_INFINITY : SHORT_WAIT_SECONDS;
  for (;;) {
    const told = await ask(facts, wish, signal);
    if (told.state === 'done') return told;
    if (told.waitSeconds == null || told.waitSeconds > leftSeconds)
      throw failed(facts.pid, told.reason ?? `the collection ${told.state}`);
    // At least a little each time, so that it ends when the agent always says 0.
    leftSeconds -= Math.max(0.1, told.waitSeconds);
    await sleep(1000 * Math.max(0.1, told.waitSeconds), undefined, { signal });
  }
}

async function ask(facts: ProcessFacts, wish: object, signal: AbortSignal): Promise<Told> {
  const { pid, pidInside, agent } = facts;
  if (!agent || !offersCollection(facts)) throw failed(pid, 'no agent in it that collects');
  const id = randomUUID();
  const status = join(agent.folder, `stanch-${pidInside}.status.json`);
  await writeAgentRequest(agent.folder, pidInside, { id, act: 'collect', ...wish });
  try {
    process.kill(pid, `SIG${agent.signal}`);
  } catch (cause) {
    throw failed(pid, `it cannot be signalled with SIG${agent.signal}`, { cause });
  }
  const deadline = performance.now() + TIMEOUT_MS;
  while (performance.now() < deadline) {
    await sleep(POLL_EVERY_MS, undefined, { signal });
    const told = await lastCollection(status);
    if (told?.id === id) return told;
    if (isGone(pid)) throw failed(pid, 'it has ended meanwhile');
  }
  throw failed(pid, `no answer of its agent after ${TIMEOUT_MS / 1000} s`);
}

function failed(pid: number, why: string, { cause }: { cause?: unknown } = {}): StanchError {
  return new StanchError(`process ${pid}: ${why}`, {
    code: 'collection-failed',
    exitCode: EXIT.unreachable,
    ...(cause === undefined ? {} : { cause }),
  });
}

async function lastCollection(file: string): Promise<Told | null> {
  try {
    return (
      (JSON.parse(await readFile(file, 'utf8')) as { lastCollection?: Told | null }).lastCollection ?? null
    );
  } catch {
    return null;
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
}
