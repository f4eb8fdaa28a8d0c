import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Done, follow } from './follow.ts';
import { LIVE_LABS } from './live-lab.ts';
import { stepsOf } from './steps.ts';

const PAGE = new URL('../../docs/walkthrough.md', import.meta.url);
const EXAMPLES = new URL('../../docs/examples/', import.meta.url);
/** Three captures, three minutes of watching, and a busy machine. */
const TIMEOUT_MS = 900_000;

export interface Chapter {
  /** A word of its heading. */
  readonly heading: string;
  readonly lab: string;
  /** What the report must say. */
  readonly named: readonly (string | RegExp)[];
}

/** Walks one chapter of the walkthrough, and looks into the report that it ends with. */
export async function walk({ heading, lab: name, named }: Chapter): Promise<void> {
  const lab = LIVE_LABS.find((each) => each.name === name)!;
  const missing = await lab.missing();
  const why = missing === null ? '' : ` (not tested: ${missing})`;
  if (missing) process.stderr.write(`walkthrough of ${name} not tested: ${missing}\n`);
  const root = mkdtempSync(join(tmpdir(), `stanch-walk-${name}-`));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  // Examples are written on request only: `STANCH_EXAMPLES=write npm test walkthrough`.
  const writes = process.env['STANCH_EXAMPLES'] === 'write';
  const report = writes ? decodeURIComponent(new URL(name, EXAMPLES).pathname) : join(root, 'report');
  const names = { CASE: join(root, name), AFTER: join(root, 'after'), REPORT: report };

  describe.skipIf(missing !== null)(`${heading}${why}`, () => {
    test('every step of the walkthrough ends as the page says', { timeout: TIMEOUT_MS }, async () => {
      const done: Done[] = [];
      await follow(lab, stepsOf(PAGE, heading), names, ({ step, exitCode, output }) => {
        done.push({ step, exitCode, output });
        if (process.env['STANCH_EXAMPLES'] !== undefined) process.stderr.write(`$ ${step.text}\n${output}\n`);
        expect(step.exitCodes, `${step.text} ended with ${exitCode}:\n${output}`).toContain(exitCode);
      });
      if (writes) withoutFolder(report, root);
      const text = readFileSync(`${report}.md`, 'utf8');
      for (const part of named) expect(text).toMatch(part);
      const page = readFileSync(`${report}.html`, 'utf8');
      expect(page).toContain('<svg');
      expect(page).not.toMatch(/<script|https?:\/\/(?!127\.0\.0\.1)/);
    });
  });
}

/** Examples name no folder of the machine that they were made on. */
function withoutFolder(report: string, root: string): void {
  for (const file of [`${report}.md`, `${report}.html`])
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(`${root}/`, ''));
}
