import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesOf } from './fingerprint.mjs';
import { isProgram, readJson, root } from './root.mjs';

/**
 * What the documents say of the repository and is not so: links to files that do not exist, npm scripts that
 * package.json does not have.
 *
 * @param {string} checkout
 * @param {string[]} documents paths of Markdown files
 * @param {string[]} scripts names of the npm scripts
 * @returns {string[]}
 */
export function untrueDocuments(checkout, documents, scripts) {
  const problems = [];
  for (const document of documents) {
    const text = readFileSync(join(checkout, document), 'utf8');
    const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
    for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      const path = target.split('#')[0];
      if (path === '' || /^[a-z]+:/.test(path)) continue;
      if (!existsSync(join(checkout, dirname(document), path)))
        problems.push(`${document}: links to ${target}`);
    }
    for (const [, name] of text.matchAll(/\bnpm run ([\w:-]+)/g)) {
      if (!scripts.includes(name)) problems.push(`${document}: there is no npm script ${name}`);
    }
  }
  return problems;
}

/** What package.json promises and the checkout does not hold. */
function brokenPromises() {
  const { files, version } = readJson('package.json');
  const missing = files.filter((path) => path !== 'dist' && !existsSync(join(root, path.replace(/^!/, ''))));
  const problems = missing.map((path) => `package.json: files names ${path}, which does not exist`);
  const changes = existsSync(join(root, 'CHANGELOG.md'))
    ? readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
    : '';
  if (!changes.includes(version)) problems.push(`CHANGELOG.md: says nothing of version ${version}`);
  return problems;
}

/** Markdown files that belong to the repository: git knows what is ignored; without git, the folders of documents. */
function documentsOf() {
  const isDocument = (path) => path.endsWith('.md') && existsSync(join(root, path));
  try {
    const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z', '*.md'];
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' })
      .split('\0')
      .filter(isDocument);
  } catch {
    const places = ['README.md', 'CONTRIBUTING.md', 'AGENTS.md', 'CHANGELOG.md', 'docs', 'src', 'labs'];
    return places
      .flatMap((place) => filesOf(join(root, place)))
      .map((path) => path.slice(root.length + 1))
      .filter(isDocument);
  }
}

if (isProgram(import.meta.url)) {
  const { scripts } = readJson('package.json');
  const problems = [...brokenPromises(), ...untrueDocuments(root, documentsOf(), Object.keys(scripts))];
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
