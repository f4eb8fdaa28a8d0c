/** Reads what Node.js prints on standard error when its inspector starts; null when it has not, or not the whole line, yet. */
export function inspectorUrlIn(standardError: string): string | null {
  return /^Debugger listening on (ws:\/\/\S+)\r?\n/m.exec(standardError)?.[1] ?? null;
}
