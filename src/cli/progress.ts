import type { OnProgress } from '../base/progress.ts';
import { formatBytes, formatShare } from '../base/units.ts';
import type { Output } from './output.ts';

const EVERY_MS = 100;
/** Nothing is shown of what is over at once. */
const QUIET_MS = 300;
/** An estimate from less than this is no estimate. */
const MIN_ESTIMATE_MS = 500;
const CLEAR_LINE = '\r\u001b[2K';

/** One line on the terminal that is written again and again: what is being done, bytes, time left. */
export class Progress {
  private readonly started: number;
  private step = '';
  private stepStarted = 0;
  private shownAt = 0;
  private shows = false;

  constructor(
    private readonly output: Output,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.started = now();
  }

  /** Given to long calls. */
  readonly report: OnProgress = (step, done, total) => {
    const now = this.now();
    if (step !== this.step) {
      this.step = step;
      this.stepStarted = now;
      this.shownAt = 0;
    }
    if (!this.output.showsProgress || now - this.started < QUIET_MS || now - this.shownAt < EVERY_MS) return;
    this.shownAt = now;
    this.shows = true;
    this.output.message(`${CLEAR_LINE}${progressText(step, done, total, now - this.stepStarted)}`);
  };

  /** Says what is being done where there is nothing to count. */
  say(text: string): void {
    if (!this.output.showsProgress) return;
    this.shows = true;
    this.output.message(`${CLEAR_LINE}${text.slice(0, this.output.width - 1)}`);
  }

  /** Takes the line away; call it before anything else is written. */
  end(): void {
    if (this.shows) this.output.message(CLEAR_LINE);
    this.shows = false;
  }
}

/** `reading B  123 MB of 270 MB  45 %  3 s left` */
export function progressText(step: string, done: number, total: number, elapsedMs: number): string {
  const isRead = step === 'read' || step.startsWith('read ');
  const name = isRead ? `reading${step.slice(4)}` : step;
  const amount = isRead ? formatBytes : (count: number) => count.toLocaleString('en-US');
  if (total <= 0) return done > 0 ? `${name}  ${amount(done)}` : name;
  const share = Math.min(1, done / total);
  const parts = [name, `${amount(done)} of ${amount(total)}`, formatShare(share)];
  if (elapsedMs >= MIN_ESTIMATE_MS && share > 0 && share < 1) {
    parts.push(`${duration((elapsedMs / share) * (1 - share))} left`);
  }
  return parts.join('  ');
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
