import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'tsdown';
import ts from 'typescript';
import { root } from './root.mjs';

/**
 * The public declaration as one flat text. Made with the library alone as entry: beside the command line, the bundler would
 * put what both share into files with hashed names. Marks of source files are left out and exports stand one a
 * line, so that a difference shows only what users can notice.
 */
export async function publicDeclaration() {
  const folder = mkdtempSync(join(tmpdir(), 'stanch-api-'));
  try {
    await build({
      cwd: root,
      config: false,
      entry: { index: 'src/index.ts' },
      platform: 'node',
      format: 'esm',
      dts: { emitDtsOnly: true },
      outDir: folder,
      logLevel: 'error',
      outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
    });
    return normalized(readFileSync(join(folder, 'index.d.ts'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} declaration as the bundler wrote it */
export function normalized(declaration) {
  const inner = declaration
    .replace(/^\/\/#(end)?region.*\n/gm, '')
    .replace(/[ \t]+$/gm, '')
    .trimEnd();
  const exported = (_, names) => `export {\n  ${names.split(', ').sort(byName).join(',\n  ')},\n};`;
  return `${inner.replace(/^export \{ (.*) \};$/m, exported)}\n`;
}

const byName = (a, b) => a.replace(/^type /, '').localeCompare(b.replace(/^type /, ''), 'en');

/**
 * @typedef {object} PublicName
 * @property {string} name as users import it
 * @property {boolean} isFunction
 * @property {string} doc text of its doc comment, tags left out
 * @property {string[]} examples code of its `@example` tags
 */

/**
 * What a flat declaration exports, with its doc comments.
 *
 * @param {string} declaration
 * @returns {PublicName[]}
 */
export function exportsOf(declaration) {
  const file = ts.createSourceFile('index.d.ts', declaration, ts.ScriptTarget.Latest, true);
  /** @type {Map<string, ts.Node[]>} */
  const declared = new Map();
  const declare = (name, node) => declared.set(name, [...(declared.get(name) ?? []), node]);
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) declare(name.getText(), statement);
    } else if (statement.name !== undefined) declare(statement.name.text, statement);
  }
  return file.statements
    .filter((statement) => ts.isExportDeclaration(statement) && statement.exportClause !== undefined)
    .flatMap((statement) => [...statement.exportClause.elements])
    .map(({ name, propertyName }) => described(name.text, declared.get((propertyName ?? name).text) ?? []));
}

/** @param {string} name @param {ts.Node[]} nodes its declarations: several when overloaded or merged @returns {PublicName} */
function described(name, nodes) {
  const comments = nodes.flatMap((node) => ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc));
  const tags = comments.flatMap((comment) => [...(comment.tags ?? [])]);
  return {
    name,
    isFunction: nodes.some(ts.isFunctionDeclaration),
    doc: comments
      .map((comment) => ts.getTextOfJSDocComment(comment.comment) ?? '')
      .join('\n')
      .trim(),
    examples: tags
      .filter((tag) => tag.tagName.text === 'example')
      .map((tag) => codeOf(ts.getTextOfJSDocComment(tag.comment) ?? '')),
  };
}

/** The code between the fences of an example, or all of it where there are none. */
function codeOf(text) {
  return (/```\w*\n([\s\S]*?)```/.exec(text)?.[1] ?? text).trim();
}

/**
 * What the public declaration leaves unsaid: every export has a doc comment, every function an example.
 *
 * @param {PublicName[]} names
 * @returns {string[]}
 */
export function undocumented(names) {
  return names.flatMap(({ name, isFunction, doc, examples }) => [
    ...(doc === '' ? [`${name} has no doc comment`] : []),
    ...(isFunction && examples.length === 0 ? [`${name} has no @example`] : []),
  ]);
}
