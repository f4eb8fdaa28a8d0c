import { spawnSync } from 'node:child_process';
import { isProgram } from './root.mjs';

/**
 * Runtimes of the services that Stanch diagnoses. Its tests drive real ones; what is absent is tested nowhere, so that the tests say it
 * by name.
 */
const RUNTIMES = [
  {
    name: 'Ruby, Rails and Puma',
    probe: ['ruby', '-e', 'gem "rails"; gem "puma"; gem "sqlite3"; require "objspace"'],
    // Not the `rails` package, which cannot be installed beside NodeSource's Node.js.
    packages: ['ruby', 'ruby-rails', 'puma', 'ruby-sqlite3'],
  },
  { name: 'Go', probe: ['go', 'version'], packages: ['golang-go'] },
  {
    name: 'Python',
    probe: ['python3', '-c', 'import asyncio, sqlite3, tracemalloc'],
    packages: ['python3'],
  },
  // Debian starts these as services; the tests start their own, on ports of their own.
  { name: 'Prometheus', probe: ['promtool', '--version'], packages: ['prometheus'] },
  {
    name: 'VictoriaMetrics',
    probe: ['victoria-metrics', '--version'],
    packages: ['victoria-metrics'],
  },
  {
    name: 'gunicorn and Uvicorn',
    probe: ['/usr/bin/python3', '-c', 'import gunicorn, uvicorn'],
    packages: ['gunicorn', 'uvicorn'],
  },
  // Of later systems; tested where they are there, never installed.
  { name: 'Python 3.14', probe: ['python3.14', '-c', ''], packages: [] },
  { name: 'Ruby 3.3', probe: ['ruby3.3', '-robjspace', '-e', ''], packages: [] },
  { name: 'gdb', probe: ['gdb', '--version'], packages: ['gdb'] },
  { name: 'rbtrace', probe: ['ruby', '-e', 'gem "rbtrace"'], packages: ['ruby-rbtrace'] },
  { name: 'Chromium', probe: ['chromium', '--version'], packages: ['chromium'] },
];

/**
 * Installs what is absent where that can be done without asking anybody: as root of a machine with apt-get. Nothing fails: what cannot
 * be installed is said, and its tests report themselves as not tested. `STANCH_INSTALL=no` leaves the machine as it is.
 *
 * @returns {string[]} names of what is absent still
 */
export function ensureRuntimes() {
  const absent = RUNTIMES.filter((runtime) => !isThere(runtime));
  if (absent.length === 0) return [];
  const wanting = absent.filter(({ packages }) => packages.length > 0);
  const names = wanting.map(({ name }) => name).join(', ');
  if (
    wanting.length > 0 &&
    process.env.STANCH_INSTALL !== 'no' &&
    process.getuid?.() === 0 &&
    isThere({ probe: ['apt-get', '--version'] })
  ) {
    process.stderr.write(`Not installed: ${names}. Installing with apt-get…\n`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const aptGet = (...args) =>
      spawnSync('apt-get', args, { env, encoding: 'utf8', timeout: 600_000 }).status === 0;
    const install = (runtimes) =>
      aptGet('install', '-yq', '--no-install-recommends', ...runtimes.flatMap(({ packages }) => packages));
    // One package that this system does not have would keep all others from being installed.
    if (!install(wanting) && aptGet('update', '-q') && !install(wanting))
      for (const each of wanting) install([each]);
  }
  const left = absent.filter((runtime) => !isThere(runtime));
  for (const { name, packages: wanted } of left) {
    const how = wanted.length > 0 ? ` (apt-get install --no-install-recommends ${wanted.join(' ')})` : '';
    process.stderr.write(`Not tested: ${name} is not installed${how}\n`);
  }
  return left.map(({ name }) => name);
}

/** @param {{ probe: string[] }} runtime */
function isThere({ probe: [command, ...args] }) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

if (isProgram(import.meta.url)) ensureRuntimes();
