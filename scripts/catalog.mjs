import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProgram, readJson, root } from './root.mjs';

/**
 * Every part of the house that is not whole: the catalog says what belongs to a format, a rule, a command.
 *
 * @param {string} checkout
 * @param {object} catalog scripts/catalog.json
 * @returns {string[]} one line for each thing that is missing
 */
export function missingParts(checkout, catalog) {
  const problems = [];
  for (const part of catalog.parts) {
    const found = partsAt(checkout, part.each, catalog.except);
    for (const names of found) problems.push(...missingOf(checkout, part, names));
    if (part.orphans === undefined) continue;
    const known = new Set(found.map((names) => filled(part.orphans, names)));
    for (const names of partsAt(checkout, part.orphans, catalog.except)) {
      const page = filled(part.orphans, names);
      if (!known.has(page)) problems.push(`${page}: there is no ${part.kind} ${filled(part.each, names)}`);
    }
  }
  return problems;
}

function missingOf(checkout, { kind, each, needs, listed, sections }, names) {
  const part = `${kind} ${filled(each, names)}`;
  const problems = needs
    .map((path) => filled(path, names))
    .filter((path) => !existsSync(join(checkout, path)))
    .map((path) => `${part}: ${path} is missing`);
  if (listed !== undefined && !textOf(checkout, listed.in).includes(filled(listed.as, names))) {
    problems.push(`${part}: ${listed.in} has no line with ${filled(listed.as, names)}`);
  }
  if (sections === undefined) return problems;
  const page = filled(sections.in, names);
  if (!existsSync(join(checkout, page))) return problems;
  const headings = [...textOf(checkout, page).matchAll(/^#+ +(.*?) *$/gm)].map((match) => match[1]);
  const lacking = sections.headings.filter((heading) => !headings.includes(heading));
  return problems.concat(lacking.map((heading) => `${part}: ${page} has no section "${heading}"`));
}

/**
 * The names that make a pattern such as `src/formats/{id}/` an existing path; a pattern that ends in / means folders.
 *
 * @returns {Record<string, string>[]}
 */
function partsAt(checkout, pattern, except) {
  const wantsFolder = pattern.endsWith('/');
  const steps = pattern.split('/').filter(Boolean);
  let found = [{ path: '', names: {} }];
  for (const [index, step] of steps.entries()) {
    const folder = wantsFolder || index < steps.length - 1;
    found = found.flatMap(({ path, names }) =>
      entriesOf(join(checkout, path), folder)
        .map((name) => ({ name, match: matching(step, name, except) }))
        .filter(({ match }) => match !== null)
        .map(({ name, match }) => ({ path: join(path, name), names: { ...names, ...match } })),
    );
  }
  return found.map(({ names }) => names);
}

/** What the {names} of one step stand for, or null if the entry is no part. */
function matching(step, entry, except) {
  if (!step.includes('{')) return step === entry ? {} : null;
  if (entry.startsWith('_') || entry.includes('.test.') || except.includes(entry)) return null;
  const [, before, key, after] = /^(.*)\{(\w+)\}(.*)$/.exec(step);
  const fits =
    entry.startsWith(before) && entry.endsWith(after) && entry.length > before.length + after.length;
  return fits ? { [key]: entry.slice(before.length, entry.length - after.length) } : null;
}

function entriesOf(folder, wantsFolder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() === wantsFolder)
    .map(({ name }) => name)
    .sort();
}

const filled = (pattern, names) => pattern.replace(/\{(\w+)\}/g, (_, key) => names[key]);
const textOf = (checkout, path) =>
  existsSync(join(checkout, path)) ? readFileSync(join(checkout, path), 'utf8') : '';

if (isProgram(import.meta.url)) {
  const problems = missingParts(root, readJson('scripts/catalog.json'));
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
