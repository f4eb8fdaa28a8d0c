import ts from 'typescript';

/** Names that only Node has; a browser worker stops at the first of them. */
const NODE_GLOBALS = new Set([
  'Buffer',
  'NodeJS',
  '__dirname',
  '__filename',
  'global',
  'process',
  'require',
  'setImmediate',
]);

/**
 * Everything that a file takes from elsewhere, with its line: imports and re-exports (of types too), `import()` as a
 * call or a type, `require()`, and the files of workers, `new URL('./x.ts', import.meta.url)`. An import whose name is computed
 * gives the specifier null.
 *
 * @param {string} path
 * @param {string} text
 * @returns {{ imports: { specifier: string | null, line: number }[], nodeGlobals: { name: string, line: number }[] }}
 */
export function takenFrom(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lineOf = (node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const imports = [];
  const globals = [];
  const declared = new Set();
  const visit = (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      imports.push({
        specifier: ts.isStringLiteralLike(specifier) ? specifier.text : null,
        line: lineOf(node),
      });
    }
    if (ts.isIdentifier(node) && NODE_GLOBALS.has(node.text)) {
      if (node.parent.name === node && !ts.isPropertyAccessExpression(node.parent)) declared.add(node.text);
      else if (isFree(node)) globals.push({ name: node.text, line: lineOf(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, nodeGlobals: globals.filter(({ name }) => !declared.has(name)) };
}

/** @param {ts.Node} node @returns {ts.Node | undefined} */
function specifierOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isCallExpression(node)) {
    const { expression } = node;
    const isImport = expression.kind === ts.SyntaxKind.ImportKeyword;
    const isRequire = ts.isIdentifier(expression) && expression.text === 'require';
    return isImport || isRequire ? node.arguments[0] : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL' && node.arguments?.length === 2) {
    const [name, base] = node.arguments;
    return base.getText() === 'import.meta.url' && ts.isStringLiteralLike(name) ? name : undefined;
  }
  return undefined;
}

/** Whether a name stands for a variable, not for a property or a label of something else. @param {ts.Identifier} node */
function isFree(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  return !ts.isPropertyAssignment(parent) || parent.initializer === node;
}
