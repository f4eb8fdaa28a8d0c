import { procText } from './proc-text.ts';

/** Stanch's Ruby agent in a process, as its status file tells. */
export interface AgentPresence {
  readonly folder: string;
  /** What it calls the process. */
  readonly role: string;
  /** Name without SIG; null when the agent has none. */
  readonly signal: string | null;
  readonly coolDownLeftSeconds: number;
  /** What it may be asked for: `dump`, `collect`. Agents from before there was a choice offer dumps only. */
  readonly offers: readonly string[];
}

/**
 * Looks for `stanch-<pid>.status.json` where the agent of that process writes it: in its own STANCH_DIR, else in `/tmp/stanch-<uid>`, both
 * as that process sees them. A file of an earlier process with this pid does not count: the start must be the same.
 */
export function agentPresence(
  pid: number,
  facts: { readonly uid: number; readonly pidInside: number; readonly startTicks: number },
  proc: string = '/proc',
): AgentPresence | null {
  const root = `${proc}/${pid}/root`;
  // Of the environment, which may hold secrets, only this one name is looked at.
  const named = /(?:^|\0)STANCH_DIR=([^\0]+)/.exec(procText(`${proc}/${pid}/environ`) ?? '')?.[1];
  const ours = process.env['STANCH_DIR'];
  const inside = [named, `/tmp/stanch-${facts.uid}`].filter((folder) => folder !== undefined);
  const folders = [
    ...(ours === undefined ? [] : [ours]),
    ...inside,
    ...inside.map((folder) => `${root}${folder}`),
  ];
  for (const folder of folders) {
    const status = parsed(procText(`${folder}/stanch-${facts.pidInside}.status.json`));
    if (!status || status['startTicks'] !== facts.startTicks) continue;
    const { role, signal, coolDownLeft, offers } = status;
    return {
      folder,
      role: typeof role === 'string' ? role : '',
      signal: typeof signal === 'string' ? signal : null,
      coolDownLeftSeconds: typeof coolDownLeft === 'number' ? coolDownLeft : 0,
      offers: Array.isArray(offers) ? offers.map(String) : ['dump'],
    };
  }
  return null;
}

function parsed(text: string | null): Record<string, unknown> | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
