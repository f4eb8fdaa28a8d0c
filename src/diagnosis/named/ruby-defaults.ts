import type { Diagnosis } from '../../model/finding.ts';
import { literally } from '../rules/rule.ts';
import type { SourceMatcher } from '../source-match.ts';
import { rubyCode } from './ruby-code.ts';

const LITERAL =
  /\b(\w+)\s*(?:=|:)\s*(\{\s*\}|\[\s*\]|''|""|Hash\.new|Array\.new|String\.new)(?:\s*[,)]|\s*$)/g;
const METHOD = /^(\s*)def\s+([\w.?!=]+)\s*[( ](.*)$/;
const MAX_CLAIMS = 5;

/**
 * Default arguments that look like Python's trap and are none: a literal default is evaluated anew in each call that
 * leaves the argument out (bytecode `newhash` at the start of the method). Only those that the method changes are told,
 * since only they are ever accused.
 */
export function innocentDefaults(source: SourceMatcher, owners: readonly string[]): Diagnosis['claims'] {
  const claims: Diagnosis['claims'] = [];
  for (const file of source.tree.files.keys()) {
    if (!/\.(?:rb|rake|ru)$/.test(file)) continue;
    const lines = source.linesOf(file);
    lines.forEach((text, at) => {
      const method = METHOD.exec(text);
      if (!method) return;
      const [, indent, name, parameters] = method;
      for (const [, parameter, literal] of parameters!.matchAll(LITERAL)) {
        const changed = changedAt(lines, at, indent!, parameter!);
        if (changed < 0) continue;
        const className = enclosing(lines, at, indent!.length);
        const method = className ? `${className}#${name}` : name!;
        const accused = className !== null && owners.some((owner) => owner.includes(className));
        claims.push({
          text: `\`${parameter} = ${literal}\` of ${method} (${file}:${at + 1}) is shared between calls and grows`,
          verdict: 'contradicted',
          because:
            `Ruby evaluates a literal default anew in each call that leaves the argument out, so what line ${changed + 1} adds goes with the call; ` +
            (accused
              ? `what grows in ${className} is held by another name`
              : `nothing that ${className ?? 'this method'} holds grew in these dumps`),
        });
      }
    });
  }
  return claims.slice(0, MAX_CLAIMS);
}

/** The line of the method that changes the parameter; -1 when none does. */
function changedAt(lines: readonly string[], start: number, indent: string, parameter: string): number {
  const { adds } = rubyCode({ name: parameter } as Parameters<typeof rubyCode>[0]);
  const replaced = new RegExp(`(?<![\\w.@])${literally(parameter)}\\s*=\\s*(?!=)`);
  for (let at = start + 1; at < lines.length; at++) {
    const text = lines[at]!;
    if (new RegExp(`^${indent}end\\b`).test(text)) return -1;
    // What the name stands for from here on is another object.
    if (replaced.test(text)) return -1;
    if (adds.some((pattern) => pattern.test(text))) return at;
  }
  return -1;
}

function enclosing(lines: readonly string[], at: number, indent: number): string | null {
  for (let above = at - 1; above >= 0; above--) {
    const opened = /^(\s*)(?:class|module)\s+([\w:]+)/.exec(lines[above]!);
    if (opened && opened[1]!.length < indent) return opened[2]!;
  }
  return null;
}
