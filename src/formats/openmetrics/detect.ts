const SAMPLE = /^[a-zA-Z_:][\w:]*(\{[^\n]*\})?\s+[+-]?(\d|\.\d|NaN|Inf)[\w.+-]*(\s+-?[\d.]+)?(\s+#.*)?$/;

/** How sure the first 4 KB are Prometheus' or OpenMetrics' text, from 0 to 1. Never throws. */
export function detectOpenMetrics(head: Uint8Array): number {
  const text = new TextDecoder().decode(head.subarray(0, 4096));
  const lines = text.split('\n').slice(0, -1);
  const whole = (lines.length > 0 ? lines : [text])
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  if (whole.length === 0) return 0;
  const types = whole.filter((line) => /^# (TYPE|HELP|UNIT) [a-zA-Z_:]/.test(line)).length;
  const samples = whole.filter((line) => !line.startsWith('#') && SAMPLE.test(line)).length;
  const strange = whole.filter((line) => !line.startsWith('#') && !SAMPLE.test(line)).length;
  if (samples + types === 0 || strange > (samples + types) / 10) return 0;
  return types > 0 ? 0.95 : 0.4;
}
