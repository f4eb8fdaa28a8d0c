import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix, relative } from 'node:path';
import { filesOf } from './fingerprint.mjs';
import { takenFrom } from './imports.mjs';
import { isProgram, readJson, root } from './root.mjs';

const isTest = (path) => /\.test\.tsx?$/.test(path);
const isSource = (path) => /\.tsx?$/.test(path);
const packageOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/**
 * Every import below src that the table does not allow.
 *
 * @param {string} checkout the folder that holds src
 * @param {object} table scripts/floors.json
 * @returns {{ file: string, line: number, import: string, why: string }[]}
 */
export function brokenFloors(checkout, table) {
  const src = join(checkout, 'src');
  const problems = strangers(src, table);
  for (const path of filesOf(src).filter(isSource)) {
    const from = placeOf(relative(src, path), table);
    if (from === null) continue;
    const { imports, nodeGlobals } = takenFrom(path, readFileSync(path, 'utf8'));
    const file = relative(checkout, path).replaceAll('\\', '/');
    for (const { specifier, line } of imports) {
      const why = whyNot(from, specifier, { checkout, src, path, table });
      if (why !== null) problems.push({ file, line, import: specifier ?? '(computed)', why });
    }
    if (from.node || from.test) continue;
    for (const { name, line } of nodeGlobals) {
      problems.push({
        file,
        line,
        import: name,
        why: `${from.name} also runs in a browser, which has no ${name}`,
      });
    }
  }
  return problems;
}

/** Folders and files of src that the table does not know. */
function strangers(src, table) {
  const known = (name) =>
    statSync(join(src, name)).isDirectory()
      ? name in table.folders
      : name in table.entries || !isSource(name) || isTest(name);
  return readdirSync(src)
    .filter((name) => !known(name))
    .map((name) => ({
      file: `src/${name}`,
      line: 1,
      import: '',
      why: 'not in scripts/floors.json: give it a floor',
    }));
}

/** Where a file of src stands. Null if the table does not know the place: that is reported once, for the folder. */
function placeOf(pathInSrc, table) {
  const path = pathInSrc.replaceAll('\\', '/');
  const [name, ...rest] = path.split('/');
  const test = isTest(path);
  if (rest.length === 0)
    return name in table.entries || test ? { name, path, test, node: true, ...table.entries[name] } : null;
  const folder = table.folders[name];
  if (folder === undefined) return null;
  return { name, path, test, ...folder, island: folder.islands && rest.length > 1 ? rest[0] : null };
}

/** Why one import is not allowed, or null if it is. */
function whyNot(from, specifier, { checkout, src, path, table }) {
  if (specifier === null)
    return from.node || from.test ? null : 'the name is computed, so nobody can check it';
  if (!specifier.startsWith('.')) return whyNotPackage(from, specifier);
  const target = posix.normalize(relative(src, join(dirname(path), specifier)).replaceAll('\\', '/'));
  if (target.startsWith('../')) {
    const outside = relative(checkout, join(src, target)).replaceAll('\\', '/');
    return from.test || from.outside?.includes(outside) ? null : `${outside} lies outside src`;
  }
  return whyNotPlace(from, target, table);
}

function whyNotPackage(from, specifier) {
  if (from.test) return null;
  if (isBuiltin(specifier)) return from.node ? null : `${from.name} also runs in a browser: no Node modules`;
  const name = packageOf(specifier);
  return from.packages?.includes(name) ? null : `the table gives ${from.name} no package ${name}`;
}

function whyNotPlace(from, target, table) {
  const [name, inner, ...deeper] = target.split('/');
  const isFolder = inner !== undefined;
  if (isFolder && name === from.name) {
    const bothInside = from.island !== null && from.island !== undefined && deeper.length > 0;
    return bothInside && inner !== from.island ? `${from.island} and ${inner} are of different kinds` : null;
  }
  if (from.test && !isFolder) return null;
  if (!isFolder) return 'the public entry is for users: import the part itself';
  const to = table.folders[name];
  if (to === undefined) return `${name} has no floor`;
  const highest = Math.max(...Object.values(table.folders).map(({ floor }) => floor));
  if (from.test)
    return to.floor < highest ? null : `tests may import anything below ${name}, not ${name} itself`;
  if (from.also?.some((allowed) => target === allowed || target.startsWith(`${allowed}/`))) return null;
  if (from.upTo !== undefined)
    return to.floor <= from.upTo ? null : `${name} is on floor ${to.floor}, above ${from.upTo}`;
  if (from.only !== undefined && !from.only.includes(name))
    return `${from.name} may import ${from.only.join(', ')} only`;
  if (to.floor < from.floor) return null;
  const where = to.floor === from.floor ? 'stands beside' : 'stands above';
  return `${name} (floor ${to.floor}) ${where} ${from.name} (floor ${from.floor})`;
}

if (isProgram(import.meta.url)) {
  if (!existsSync(join(root, 'src'))) throw new Error('no src folder');
  const problems = brokenFloors(root, readJson('scripts/floors.json'));
  for (const { file, line, import: name, why } of problems)
    process.stdout.write(`${file}:${line}  ${name}  ${why}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
