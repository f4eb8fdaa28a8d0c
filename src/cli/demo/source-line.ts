import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads single lines of a service's source; null where there is none. Each file is read once. */
export function readingLines(folder: string): (file: string, line: number) => string | null {
  const files = new Map<string, readonly string[]>();
  return (file, line) => {
    let lines = files.get(file);
    if (!lines) {
      lines = read(join(folder, file));
      files.set(file, lines);
    }
    return lines[line - 1]?.trim() ?? null;
  };
}

function read(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
