import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProgram, root } from './root.mjs';

// `npm ci` refuses a lockfile that lacks a package, be it one for a system that nobody here has; and `npm install` leaves
// such packages out when the registry that it asked does not hold them. Then every fresh clone is broken.

const SYSTEMS = /\b(android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(\w+)(?:-(\w+))?$/;

/**
 * Packages for other systems that the lockfile names as optional dependencies but does not hold.
 *
 * @param {{ packages: Record<string, object> }} lock
 * @returns {{ path: string, name: string, version: string, dev: boolean }[]}
 */
export function absentPackages({ packages }) {
  const absent = new Map();
  for (const [owner, { optionalDependencies = {}, dev = false }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const nested = owner
        .split('/node_modules/')
        .map((_, index, steps) => steps.slice(0, index + 1).join('/node_modules/'));
      const places = ['', ...nested].map((place) => join(place, 'node_modules', name).replaceAll('\\', '/'));
      if (places.some((path) => path in packages)) continue;
      absent.set(`node_modules/${name}`, { path: `node_modules/${name}`, name, version, dev });
    }
  }
  return [...absent.values()];
}

/**
 * The lockfile with those packages, for which system taken from their names. Their hashes are not known here: npm takes
 * them from the registry when it installs one of them.
 */
export function completed(lock) {
  const added = absentPackages(lock).map(({ path, name, version, dev }) => {
    const [, os, cpu, variant] = SYSTEMS.exec(name) ?? [];
    if (os === undefined || !/^\d/.test(version))
      throw new Error(`cannot tell what system ${name}@${version} is for`);
    const libc =
      variant === 'musl' ? ['musl'] : os === 'linux' && variant?.startsWith('gnu') ? ['glibc'] : undefined;
    return [
      path,
      { version, cpu: [cpu], ...(dev && { dev }), ...(libc && { libc }), optional: true, os: [os] },
    ];
  });
  const entries = [...Object.entries(lock.packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(entries) };
}

if (isProgram(import.meta.url)) {
  const file = join(root, 'package-lock.json');
  if (!existsSync(file)) throw new Error('no package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const absent = absentPackages(lock);
  if (process.argv.includes('--update')) {
    if (absent.length > 0) writeFileSync(file, `${JSON.stringify(completed(lock), null, 2)}\n`);
  } else {
    for (const { name, version } of absent)
      process.stdout.write(`package-lock.json lacks ${name} ${version}\n`);
    process.exitCode = absent.length === 0 ? 0 : 1;
  }
}
