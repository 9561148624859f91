/** Finds words for people that stand outside the translations: between tags, and in attributes that are read or shown. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';

const read = new Set([
  'alt',
  'aria-label',
  'aria-description',
  'title',
  'placeholder',
  'label',
  'description',
  'hint',
  'header',
  'caption',
  'confirm',
]);
const isWords = (text: string): boolean => /\p{L}{2,}/u.test(text);

export function wordsIn(path: string, source: string): string[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const tell = (node: ts.Node, text: string) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${path}:${line + 1}: "${text.trim()}" stands outside the translations`);
  };
  /** Texts that an expression may come to: `a ? 'x' : 'y'`, `name || 'x'`. */
  const look = (node: ts.Expression | undefined): void => {
    if (!node) return;
    if (ts.isStringLiteralLike(node)) {
      if (isWords(node.text)) tell(node, node.text);
    } else if (ts.isTemplateExpression(node)) {
      const text = [node.head, ...node.templateSpans.map((span) => span.literal)].map((part) => part.text).join(' ');
      if (isWords(text)) tell(node, text);
    } else if (ts.isConditionalExpression(node)) {
      look(node.whenTrue);
      look(node.whenFalse);
    } else if (ts.isBinaryExpression(node)) {
      look(node.right);
    } else if (ts.isParenthesizedExpression(node)) look(node.expression);
  };
  const isKey = (node: ts.JsxElement) => ['Key', 'Mono'].includes(node.openingElement.tagName.getText());
  const walk = (node: ts.Node): void => {
    if (ts.isJsxText(node)) {
      if (isWords(node.text) && !(ts.isJsxElement(node.parent) && isKey(node.parent))) tell(node, node.text);
    } else if (ts.isJsxExpression(node) && (ts.isJsxElement(node.parent) || ts.isJsxFragment(node.parent))) {
      look(node.expression);
    } else if (ts.isJsxAttribute(node) && read.has(node.name.getText())) {
      const value = node.initializer;
      if (value && ts.isStringLiteral(value)) look(value);
      else if (value && ts.isJsxExpression(value)) look(value.expression);
    } else if (ts.isPropertyAssignment(node) && read.has(node.name.getText())) look(node.initializer);
    ts.forEachChild(node, walk);
  };
  walk(file);
  return found;
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../src');
  const names = (await readdir(folder, { recursive: true })).filter(
    (name) => name.endsWith('.tsx') && !name.endsWith('.test.tsx'),
  );
  const found = (
    await Promise.all(names.map(async (name) => wordsIn(`src/${name}`, await readFile(join(folder, name), 'utf8'))))
  ).flat();
  for (const line of found) console.error(line);
  if (found.length > 0) process.exit(1);
}
