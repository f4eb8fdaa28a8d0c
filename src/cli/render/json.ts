/** One JSON document for programs. Numbers that are not finite do not exist in it. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
