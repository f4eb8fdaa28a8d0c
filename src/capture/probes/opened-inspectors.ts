import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { procText } from '../../sources/processes/proc-text.ts';
import { type ProcessMark, processMark, stillRuns } from '../../sources/processes/process-identity.ts';
import { stateFolder, stateFolders } from '../state-folder.ts';

/** The process that was asked to open its inspector: one of this machine, or one behind the way into a container. */
export interface InspectorOwner extends ProcessMark {
  /** As `container:web`; null for a process of this machine. */
  readonly door: string | null;
}

/** What was written down before an inspector was opened, for whoever comes after us should we be killed. */
export interface OpenedInspector extends InspectorOwner {
  readonly file: string;
  readonly boot: string;
  /** Who has opened it. */
  readonly by: ProcessMark;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Ports that the process listened on before. */
  readonly before: readonly number[];
  /** The path of its web socket, another one each time that it is opened; null until it was seen. */
  readonly path: string | null;
}

/** A note that an inspector is about to be opened. */
export interface OpeningNote {
  /** It is open: this is its address. */
  seen(webSocketUrl: string): void;
  /** It is closed again, or was never opened. */
  done(): void;
}

const NAME = /^opened-[0-9a-f]{16}\.json$/;

/** Writes down (0600, in the user's own folder) that an inspector is about to be opened. That it cannot be written is no obstacle. */
export function noteOpening(owner: InspectorOwner, before: readonly number[]): OpeningNote {
  const folder = stateFolder();
  const by = processMark(process.pid);
  const boot = bootId();
  if (folder === null || by === null || boot === null)
    return { seen: () => undefined, done: () => undefined };
  const { pid, startTicks, door } = owner;
  const key = createHash('sha256').update(`${door} ${pid} ${startTicks}`).digest('hex').slice(0, 16);
  const file = join(folder, `opened-${key}.json`);
  const write = (path: string | null): void => {
    const part = `${file}.${process.pid}`;
    try {
      writeFileSync(
        part,
        JSON.stringify({ pid, startTicks, door, boot, by, since: Date.now(), before, path }),
        {
          mode: 0o600,
        },
      );
      renameSync(part, file);
    } catch {
      // A full disk.
    }
  };
  write(null);
  return {
    seen: (webSocketUrl) => write(new URL(webSocketUrl).pathname),
    done: () => rmSync(file, { force: true }),
  };
}

/** What runs that have ended have not closed. What nobody can have left open any more is forgotten on the way. */
export function leftOpen(): OpenedInspector[] {
  const boot = bootId();
  return stateFolders().flatMap((folder) =>
    namesIn(folder).flatMap((name) => {
      const file = join(folder, name);
      const found = parsed(file);
      const isGone = found === null || found.boot !== boot || (found.door === null && !stillRuns(found));
      if (isGone) forget(file);
      return isGone || stillRuns(found.by) ? [] : [found];
    }),
  );
}

export function forget(file: string): void {
  rmSync(file, { force: true });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => NAME.test(name));
  } catch {
    return [];
  }
}

function parsed(file: string): OpenedInspector | null {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Partial<OpenedInspector>;
    const isWhole =
      typeof found.pid === 'number' &&
      typeof found.startTicks === 'number' &&
      typeof found.since === 'number' &&
      typeof found.by?.pid === 'number' &&
      Array.isArray(found.before);
    return isWhole ? ({ ...found, file } as OpenedInspector) : null;
  } catch {
    return null;
  }
}

function bootId(): string | null {
  return procText('/proc/sys/kernel/random/boot_id')?.trim() ?? null;
}
