import { expect, test } from 'vitest';
import { capturedOutput } from './captured-output.ts';
import { Progress, progressText } from './progress.ts';

test('progress tells bytes, share and time left', () => {
  expect(progressText('read', 123e6, 270e6, 1000)).toBe('reading  123 MB of 270 MB  46 %  2 s left');
  expect(progressText('read B', 123e6, 270e6, 100)).toBe('reading B  123 MB of 270 MB  46 %');
  expect(progressText('read', 123e6, 0, 1000)).toBe('reading  123 MB');
  expect(progressText('read', 1e9, 100e9, 10_000)).toBe('reading  1.00 GB of 100 GB  1 %  17 min left');
  expect(progressText('snapshot', 1234, 5000, 100)).toBe('snapshot  1,234 of 5,000  25 %');
  expect(progressText('compare', 0, 0, 100)).toBe('compare');
});

test('one line is rewritten, not too often, not for what is over at once, and goes at the end', () => {
  let now = 0;
  const output = capturedOutput({ showsProgress: true });
  const progress = new Progress(output, () => now);
  for (now = 0; now < 1000; now += 10) progress.report('read', now, 1000);
  progress.end();
  const shown = output.messages().split('\r\u001b[2K').slice(1, -1);
  expect(shown.length).toBeGreaterThan(4);
  expect(shown.length).toBeLessThan(9);
  expect(output.messages()).not.toContain('\n');
  expect(output.messages().endsWith('\r\u001b[2K')).toBe(true);
});

test('nothing is written where there is no terminal', () => {
  const output = capturedOutput();
  const progress = new Progress(output);
  progress.say('starting');
  progress.report('read', 1, 2);
  progress.end();
  expect(output.messages()).toBe('');
});
