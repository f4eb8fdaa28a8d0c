import { readFileSync, readlinkSync } from 'node:fs';

/** A file of /proc as text; null when it is gone or may not be read. */
export function procText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Where a link of /proc leads; null when it is gone or may not be read. */
export function procLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
