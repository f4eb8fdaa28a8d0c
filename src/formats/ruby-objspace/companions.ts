/** Where the names file of a dump may lie: `X.json` has `X.names.jsonl`, however the dump is packed. */
export function namesPaths(path: string): string[] {
  const unpacked = path.replace(/\.(?:gz|zst)$/, '');
  const stem = unpacked.replace(/\.(?:json|jsonl|dump|heap|txt)$/, '');
  return [...new Set([`${stem}.names.jsonl`, `${unpacked}.names.jsonl`])];
}
