import { type Moment, momentsOf } from '../formats/incident-text/times.ts';
import type { Statement } from './statements.ts';

const DAY = 1440;

/** Puts every moment of a text on one axis: minutes since 1970 where a date is known, else since the first day. */
export class TextClock {
  /** The day of the alert, or the first date; 0 when the text has none. */
  readonly baseDay: number;
  readonly triggeredMinute: number | null;
  private readonly numberedShift: number;

  constructor(statements: readonly Statement[]) {
    const dated = statements
      .filter(({ kind }) => kind !== 'heading')
      .flatMap(({ text }) =>
        momentsOf(text)
          .filter(({ dayKind }) => dayKind === 'date')
          .map((moment) => ({ moment, text })),
      );
    const trigger =
      dated.find(({ text }) => /trigger|fired|start|detect|date|began|opened/i.test(text)) ?? dated[0];
    this.baseDay = trigger?.moment.day ?? 0;
    this.triggeredMinute = trigger?.moment.minutes ?? null;
    // "Day 2 - 06:30: alert" is the header's date when it has the same clock; the last such day, since alerts fire again.
    const numbered = statements.flatMap(({ text }) =>
      momentsOf(text).filter(({ dayKind }) => dayKind === 'numbered'),
    );
    const same = numbered.findLast(({ minutes }) => minutes !== null && minutes === this.triggeredMinute);
    this.numberedShift = this.baseDay - (same?.day ?? 1);
  }

  /** Minutes of one moment; without a day it is on the base day. Null when it has no clock. */
  minuteOf(moment: Moment): number | null {
    if (moment.minutes === null) return null;
    if (moment.dayKind === 'date') return moment.day! * DAY + moment.minutes;
    if (moment.dayKind === 'numbered') return (moment.day! + this.numberedShift) * DAY + moment.minutes;
    return this.baseDay * DAY + moment.minutes;
  }

  /** Minutes of moments that were written one below the other: a clock that jumps back by half a day has passed midnight. */
  sequence(moments: readonly Moment[]): number[] {
    const minutes: number[] = [];
    let days = 0;
    for (const moment of moments) {
      const bare = this.minuteOf(moment) ?? this.baseDay * DAY;
      let minute = bare + (moment.dayKind === 'none' ? days * DAY : 0);
      const previous = minutes.at(-1);
      if (previous !== undefined && moment.dayKind === 'none' && minute < previous - DAY / 2) {
        days++;
        minute += DAY;
      }
      minutes.push(minute);
    }
    if (days === 0 || this.triggeredMinute === null) return minutes;
    // The alert's date is that of the part after midnight when its clock lies there.
    const alert = this.baseDay * DAY + this.triggeredMinute;
    const inside = minutes.some((minute) => minute >= alert) && minutes[0]! <= alert;
    return inside ? minutes : minutes.map((minute) => minute - days * DAY);
  }
}
