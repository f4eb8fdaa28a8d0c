import { expect, test } from 'vitest';
import { detectOpenMetrics } from './detect.ts';
import { parseOpenMetrics } from './read.ts';

const NODE = `# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 52000000

# TYPE nodejs_gc_duration_seconds histogram
nodejs_gc_duration_seconds_bucket{le="+Inf",kind="major"} 2
nodejs_gc_duration_seconds_count{kind="major"} 2
# TYPE http_requests_total counter
http_requests_total{path="/a\\"b\\\\c",code="200"} 1e3
`;

test('one scrape: names, labels with their escapes, kinds, units', () => {
  const { series } = parseOpenMetrics(NODE, 'x', 5000);
  const by = (name: string) => series.find((each) => each.name === name)!;
  expect(by('process_resident_memory_bytes')).toMatchObject({ unit: 'bytes', kind: 'gauge' });
  expect([...by('process_resident_memory_bytes').times]).toEqual([5000]);
  expect(by('nodejs_gc_duration_seconds_count')).toMatchObject({
    kind: 'counter',
    labels: { kind: 'major' },
  });
  expect(by('http_requests_total').labels).toEqual({ path: '/a"b\\c', code: '200' });
  expect(by('http_requests_total').values[0]).toBe(1000);
});

test('many scrapes with timestamps, in seconds and in milliseconds', () => {
  const seconds = parseOpenMetrics('m 1 1705795500\nm 2 1705795515.5\n# EOF\n', 'x', null);
  expect([...seconds.series[0]!.times]).toEqual([1705795500000, 1705795515500]);
  const milliseconds = parseOpenMetrics(
    'm 1 1705795500000\nm NaN 1705795501000\nm 2 1705795502000\n',
    'x',
    null,
  );
  expect([...milliseconds.series[0]!.values]).toEqual([1, 2]);
});

test('repeated scrapes without timestamps are said to be so', () => {
  const { series, notes } = parseOpenMetrics('m 1\nm 2\n', 'x', 0);
  expect(series[0]!.values).toHaveLength(2);
  expect(notes.join()).toMatch(/no timestamps/);
});

test('exemplars and damaged lines do not stop it', () => {
  const { series, notes } = parseOpenMetrics('a_bucket{le="1"} 3 # {trace_id="x"} 0.5\nb{oops 1\n', 'x', 0);
  expect(series.map(({ name }) => name)).toEqual(['a_bucket']);
  expect(notes.join()).toMatch(/1 lines are no samples.*byte 40/);
  expect(() => parseOpenMetrics('nothing here, really\n', 'x', 0)).toThrow(/byte 0: expected a sample/);
});

test('it is told by its content', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect(detectOpenMetrics(bytes(NODE))).toBeGreaterThan(0.9);
  expect(detectOpenMetrics(bytes('go_goroutines 42\n'))).toBeGreaterThan(0.3);
  expect(detectOpenMetrics(bytes('time,m\n1,2\n'))).toBe(0);
  expect(detectOpenMetrics(bytes(''))).toBe(0);
});
