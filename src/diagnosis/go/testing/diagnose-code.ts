import type { Diagnosis } from '../../../model/finding.ts';
import { diagnoseGoroutines } from '../diagnose-goroutines.ts';
import { type Drawn, drawCapture } from './draw-goroutines.ts';

/**
 * Diagnoses goroutines that gather at a line of a program: the line marked `//wait` in its text, started at the one marked
 * `//go`, by creators that are gone. They become more in each of three captures.
 */
export async function diagnoseCode(
  code: string,
  state: string = 'chan receive',
  counts: readonly number[] = [40, 80, 120],
): Promise<Diagnosis> {
  const lines = `package app\n${code}`.split('\n');
  const at = (mark: string): number => lines.findIndex((line) => line.includes(mark)) + 1;
  const group = (count: number): Drawn => ({
    state,
    count,
    firstId: 1000,
    frames: [`app.(*Service).Start.func1 /build/host/app/service.go:${at('//wait')}`],
    by: `app.(*Service).Start /build/host/app/service.go:${at('//go')}`,
    creator: (n) => 5000 + n,
  });
  const main: Drawn = { state: 'IO wait', count: 1, firstId: 1, frames: ['main.main /build/host/main.go:9'] };
  const captures = await Promise.all(
    counts.map((count, index) => drawCapture('ABCDEF'[index]!, [main, group(count)])),
  );
  const source = {
    root: '/checkout',
    files: new Map([['app/service.go', lines.join('\n')]]),
    maps: new Map(),
  };
  return diagnoseGoroutines(captures, { source });
}
