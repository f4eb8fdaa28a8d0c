import { Random } from '../random.ts';

/** Draws of the kinds that traffic, jobs and bursts come in. */
export class Draws extends Random {
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  pareto(tail: number): number {
    return (1 - this.next()) ** (-1 / tail);
  }

  poisson(mean: number): number {
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    let count = 0;
    let share = Math.exp(-mean);
    let sum = share;
    const drawn = this.next();
    while (drawn > sum && count < 400) {
      count++;
      share *= mean / count;
      sum += share;
    }
    return count;
  }
}
