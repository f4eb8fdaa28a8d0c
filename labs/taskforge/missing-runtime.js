import { spawnSync } from 'node:child_process';

/** What the service is made of, as gems and as Debian's and Ubuntu's packages. */
const GEM_PACKAGES = { rails: 'ruby-rails', puma: 'puma', sqlite3: 'ruby-sqlite3' };
const FIND_GEMS =
  'ARGV.each { |name| puts name if Gem::Specification.find_all_by_name(name).empty? }; exit(true)';

/**
 * @typedef {object} MissingRuntime
 * @property {string[]} packages what is absent, by the names of the packages to install
 * @property {string} message one line: what is not installed
 * @property {string} hint the command that installs it
 */

/**
 * Whether the service can run on this machine. Asks Ruby itself, which takes a tenth of a second.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {MissingRuntime | null} null when nothing is missing
 */
export function missingRuntime(env = process.env) {
  const { error, status, stdout } = spawnSync('ruby', ['-e', FIND_GEMS, ...Object.keys(GEM_PACKAGES)], {
    encoding: 'utf8',
    env,
  });
  let packages = [];
  if (error || status !== 0) packages = ['ruby', ...Object.values(GEM_PACKAGES)];
  else
    packages = stdout
      .split('\n')
      .filter(Boolean)
      .map((gem) => GEM_PACKAGES[gem]);
  if (packages.length === 0) return null;
  return {
    packages,
    message: `${packages.join(', ')} ${packages.length === 1 ? 'is' : 'are'} not installed`,
    hint: `apt-get install --no-install-recommends ${packages.join(' ')}`,
  };
}
