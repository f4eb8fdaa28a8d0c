import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../base/errors.ts';
import { packageRoot } from './package-root.ts';

/** What the driver has done so far; all rounds together. */
export interface DriverCounts {
  readonly joins: number;
}

/** Connections that stay open from round to round. */
export interface DriverSession {
  drive(round: { ops: number }): Promise<DriverCounts>;
  close(): Promise<void>;
}

export interface RunningBuild {
  readonly url: string;
  readonly pid: number;
  standardError(): string;
  stop(): Promise<void>;
}

/** A service that is there to leak, as its own programs offer it (`labs/<name>/README.md`). */
export interface Lab {
  readonly name: string;
  /** Its folder, which is its source. */
  readonly folder: string;
  startBuild(build: 'leaking' | 'fixed', options: { nodeArgs: string[] }): Promise<RunningBuild>;
  drive(options: {
    url: string;
    clients: number;
    ops: number;
    keepOpen: true;
  }): Promise<DriverCounts & { session: DriverSession }>;
}

/** Packages that a lab's service and driver need; Stanch itself carries its own inside. */
const LAB_PACKAGES = ['ws', 'prom-client'];

/**
 * Loads a lab from the checkout.
 *
 * @throws UsageError where there is no checkout (Stanch was installed from npm) or nothing is installed in it
 */
export async function loadLab(name: string): Promise<Lab> {
  const root = packageRoot();
  const folder = join(root, 'labs', name);
  if (!existsSync(join(folder, 'driver.js'))) {
    throw new UsageError(
      `the ${name} service is not part of the installed package`,
      'clone the Stanch repository, run `npm install` there, then `npm start`',
    );
  }
  const { resolve } = createRequire(join(folder, 'driver.js'));
  const missing = LAB_PACKAGES.filter((needed) => {
    try {
      resolve(needed);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length > 0) {
    throw new UsageError(
      `the ${name} service needs ${missing.join(' and ')}`,
      `run \`npm install\` in ${root}`,
    );
  }
  const load = (file: string): Promise<Partial<Lab>> => import(pathToFileURL(join(folder, file)).href);
  const [{ startBuild }, { drive }] = await Promise.all([load('start-build.js'), load('driver.js')]);
  return { name, folder, startBuild: startBuild!, drive: drive! };
}
