import { basename } from 'node:path';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { type AgentDoor, agentUrl, askAgent, authorization } from '../agent-http.ts';
import { CaptureError } from '../capture-error.ts';
import { takeOver } from '../probes/evidence-file.ts';
import { seenFromHere } from '../probes/guest-folder.ts';
import { download } from '../probes/http-evidence.ts';
import { isLoopback } from './local-process.ts';
import type { Check } from './pre-flight.ts';

/** How a dump comes here that an agent has written on the machine of its service. */
export interface DumpWay {
  /** Null where the service is on another machine, or may not be looked into: then it is fetched by HTTP. */
  readonly facts: ProcessFacts | null;
  readonly door: AgentDoor & { readonly signal: AbortSignal };
  /** Path of the agent's endpoint for files. */
  readonly filePath: string;
}

/**
 * The checks for the way: dumps are handed out only where the service says so, and what travels unencrypted is asked about.
 *
 * @param mayDownload what the agent says of itself
 */
export function wayChecks({ facts, door }: DumpWay, mayDownload: boolean): Check[] {
  const { origin, protocol, hostname } = new URL(door.url);
  const says = `its agent answers at ${origin}. No ptrace, no signal.`;
  if (facts) return [{ name: 'access', state: 'ok', says }];
  if (!mayDownload)
    return [
      {
        name: 'access',
        state: 'refused',
        says: `${says} The dump would stay on the machine of the service: it is not handed out`,
        hint: 'start the service with STANCH_DOWNLOAD=1, or run stanch on its machine',
      },
    ];
  if (protocol === 'https:' || isLoopback(hostname)) return [{ name: 'access', state: 'ok', says }];
  return [
    {
      name: 'access',
      state: 'ask',
      says: `${says} The token and the dump, with what the service holds, would travel unencrypted`,
      hint: `ssh -L 8080:${new URL(door.url).host} …, then stanch capture http://127.0.0.1:8080`,
    },
  ];
}

/** What the agents call their dumps. A file that is called otherwise is nobody's to take away from this machine. */
const DUMP_NAME = /^(stanch-\d+-[\dTZ.]+(\.json(\.gz)?|\.names\.jsonl)|\d+-\d+\.pygc)$/;

/** Brings a dump here and removes it there: there shall be one copy. */
export async function fetchDump(
  { facts, door, filePath }: DumpWay,
  told: { readonly path: string; readonly foundFolder: string },
  file: string,
  { pack = false }: { pack?: boolean } = {},
): Promise<{ bytes: number; sha256: string }> {
  if (!DUMP_NAME.test(basename(told.path)))
    throw new CaptureError(door.url, 'write', `that is no name of a dump: ${told.path}`);
  if (facts) return takeOver(insideOf(facts, told), file, { pack });
  const path = `${filePath}?name=${encodeURIComponent(basename(told.path))}`;
  const written = await download(agentUrl(door.url, path), file, door.signal, {
    pack,
    headers: authorization(door.token),
  });
  if (written === null)
    throw new CaptureError(door.url, 'write', `the dump lies on the machine of the service: ${told.path}`, {
      hint: 'copy it from there',
    });
  // That it stays there is no reason to lose what was fetched: the agent keeps a limited number.
  await askAgent(door, path, { method: 'DELETE' }).catch(() => undefined);
  return written;
}

function insideOf(facts: ProcessFacts, { path, foundFolder }: { path: string; foundFolder: string }): string {
  return facts.pidInside === facts.pid ? path : seenFromHere(facts.pid, foundFolder, path);
}
