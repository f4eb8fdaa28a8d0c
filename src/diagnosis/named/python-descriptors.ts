import type { PythonFacts } from '../../formats/python-gc/facts.ts';

/** What the process had open when the last dump was taken, as a sentence; nothing where the agent could not tell. */
export function openDescriptors(facts: PythonFacts | null): string[] {
  const open = [...(facts?.descriptors ?? [])].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  if (open.length === 0) return [];
  const told = open.slice(0, 4).map(([kind, count]) => `${count.toLocaleString('en-US')} ${kind}`);
  return [`open in the last dump: ${told.join(', ')}`];
}
