import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the tests of one file, which hand its removal to `after`. */
export function temporaryFolder(name: string, after: (remove: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), `stanch-${name}-`));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
