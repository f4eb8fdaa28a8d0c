import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chown, lstat, mkdir, open, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { procLink, procText } from '../../sources/processes/proc-text.ts';
import { CaptureError } from '../capture-error.ts';

/** What the kernel says of a file system that lives in memory (`TMPFS_MAGIC`). */
const TMPFS = 0x01021994;
/** Ours, by the pid of the stanch that made it. */
const NAME = /^stanch-guest-(\d+)-[0-9a-f]{16}$/;
/** A folder of a stanch that was killed is left for so long, should another pid namespace know that one. */
const LEFT_FOR_MS = 300_000;

/** Where a process of another user, or in a container, can be handed files and can write some: private to it and us. */
export interface GuestPlace {
  /** As the process sees it: `/tmp`. */
  readonly inside: string;
  /** As we see it: `/proc/4711/root/tmp`, or the same. */
  readonly outside: string;
  /** What is written there counts as memory. */
  readonly inMemory: boolean;
}

/** A folder of the process's own user that was made in such a place. */
export interface GuestFolder {
  readonly inside: string;
  readonly outside: string;
  /** A file of the process's user. */
  write(name: string, text: string): Promise<void>;
  /** The text of a file that the process wrote; null as long as it is not there. */
  read(name: string): Promise<string | null>;
  /** Bytes of a plain file that is there; null otherwise. A link is none: it could lead anywhere. */
  size(name: string): Promise<number | null>;
  remove(): Promise<void>;
}

/** The first of the usual places that is a real folder in the process's own tree and can be written to; one on a disk before one in memory. */
export async function guestPlace(pid: number): Promise<GuestPlace> {
  const near = await hasOurTree(pid);
  // Of the environment, which may hold secrets, only this name is looked at.
  const own = /(?:^|\0)TMPDIR=(\/[^\0]*)/.exec(procText(`/proc/${pid}/environ`) ?? '')?.[1];
  const places: GuestPlace[] = [];
  // Containers with a read-only root have /dev/shm all the same.
  for (const inside of [own, '/tmp', '/var/tmp', '/dev/shm']) {
    // Seen from outside, `..` leads out of a chroot.
    if (inside === undefined || inside.split('/').includes('..')) continue;
    const outside = near ? inside : `/proc/${pid}/root${inside}`;
    // A link could lead out of the container, into this machine's own tree.
    if (!(await isRealFolder(outside, near ? '/' : `/proc/${pid}/root`))) continue;
    if (await isReadOnly(outside)) continue;
    places.push({ inside, outside, inMemory: (await statfs(outside)).type === TMPFS });
  }
  const best = places.find(({ inMemory }) => !inMemory) ?? places[0];
  if (best) return best;
  throw new CaptureError(`process ${pid}`, 'connect', 'there is no folder in which it could write a dump', {
    hint: 'mount a writable /tmp into its container',
  });
}

/** A path that a process told of, as we reach it, when the folder that it wrote to was found beneath its own root. */
export function seenFromHere(pid: number, foundFolder: string, told: string): string {
  const root = `/proc/${pid}/root`;
  return foundFolder.startsWith(`${root}/`) ? `${root}${told}` : told;
}

/** Makes a folder there, 0700, of the user that the process runs as. */
export async function guestFolder(pid: number, place: GuestPlace): Promise<GuestFolder> {
  const status = procText(`/proc/${pid}/status`) ?? '';
  const [uid, gid] = ['Uid', 'Gid'].map((name) =>
    Number(new RegExp(`^${name}:\\s+\\d+\\s+(\\d+)`, 'm').exec(status)?.[1]),
  ) as [number, number];
  await sweep(place);
  const name = `stanch-guest-${process.pid}-${randomBytes(8).toString('hex')}`;
  const outside = `${place.outside}/${name}`;
  const ours = process.getuid?.() === uid;
  try {
    await mkdir(outside, { mode: 0o700 });
    if (!ours) await chown(outside, uid, gid);
  } catch (cause) {
    await rm(outside, { recursive: true, force: true });
    throw new CaptureError(
      `process ${pid}`,
      'connect',
      `no folder of its user can be made in ${place.inside}`,
      {
        hint: 'run stanch as the user of the service, or as root',
        cause,
      },
    );
  }
  return {
    inside: `${place.inside}/${name}`,
    outside,
    async write(file, text) {
      const handle = await open(`${outside}/${file}`, 'wx', 0o600);
      try {
        await handle.writeFile(text);
        if (!ours) await handle.chown(uid, gid);
      } finally {
        await handle.close();
      }
    },
    async read(file) {
      const path = `${outside}/${file}`;
      const there = await lstat(path).catch(() => null);
      return there?.isFile()
        ? readFile(path, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NOFOLLOW })
        : null;
    },
    async size(file) {
      const there = await lstat(`${outside}/${file}`).catch(() => null);
      return there?.isFile() ? there.size : null;
    },
    remove: () => rm(outside, { recursive: true, force: true }),
  };
}

/** What a stanch that was killed left there holds a dump, or half of one. */
async function sweep({ outside }: GuestPlace): Promise<void> {
  for (const name of await readdir(outside).catch(() => [])) {
    const pid = Number(NAME.exec(name)?.[1]);
    const there =
      pid > 0 && procText(`/proc/${pid}/stat`) === null
        ? await lstat(`${outside}/${name}`).catch(() => null)
        : null;
    if (there?.isDirectory() && Date.now() - there.mtimeMs > LEFT_FOR_MS) {
      await rm(`${outside}/${name}`, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** Neither in a mount namespace of its own nor behind a chroot. */
async function hasOurTree(pid: number): Promise<boolean> {
  if (procLink('/proc/self/ns/mnt') !== procLink(`/proc/${pid}/ns/mnt`)) return false;
  const [ours, its] = await Promise.all(
    ['/', `/proc/${pid}/root/`].map((root) => stat(root).catch(() => null)),
  );
  return ours?.dev === its?.dev && ours?.ino === its?.ino;
}

/** Of its file system; rights are told when the folder is made. */
async function isReadOnly(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'EROFS',
  );
}

async function isRealFolder(folder: string, root: string): Promise<boolean> {
  for (let at = folder; at.length > root.length; at = dirname(at)) {
    const there = await lstat(at).catch(() => null);
    if (!there?.isDirectory()) return false;
  }
  return true;
}
