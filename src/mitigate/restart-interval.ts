/** What an interval is reckoned from: of `stanch confirm`, and of the user. Bytes and hours. */
export interface IntervalBasis {
  /** Growth and its 95 % interval. */
  readonly ratePerHour: { readonly value: number; readonly low: number; readonly high: number };
  /** Where it ends: what is killed, or must not be reached. */
  readonly limitBytes: number;
  /** What a fresh process takes. */
  readonly floorBytes: number;
  /** Of `confirm`: hours from the end of the data to the limit, and the level there; the rate at the end of accelerating growth. */
  readonly accelerating?: { readonly levelBytes: number; readonly hoursLow: number } | null;
  /** Share of the limit that may be used. */
  readonly safety?: number;
  /** Workers among which the restarts are spread. */
  readonly workers?: number;
}

/** How often a process must be restarted to stay below its limit. It is no fix: the leak goes on. */
export interface RestartInterval {
  /** Null when even a fresh process is too near to the limit. */
  readonly hours: number | null;
  /** What the likely rate would allow; the recommended one is below it. */
  readonly likelyHours: number | null;
  /** At which a restart is due. */
  readonly restartAtBytes: number;
  readonly ratePerHour: number;
  readonly safety: number;
  /** Between two restarts of the service, where each worker is taken on its own; null for one process. */
  readonly betweenWorkersHours: number | null;
  readonly says: readonly string[];
}

const SAFETY = 0.8;

/**
 * From the floor of a fresh process to the safe share of the limit, at the upper end of the rate's interval: a restart must come in time
 * also when the leak is as fast as the data allow. Where growth accelerates, the rate of its end is taken when that is higher.
 */
export function restartInterval(basis: IntervalBasis): RestartInterval {
  const { ratePerHour, limitBytes, floorBytes, accelerating = null, safety = SAFETY, workers = 1 } = basis;
  const restartAtBytes = limitBytes * safety;
  const room = restartAtBytes - floorBytes;
  const left = accelerating === null ? 0 : limitBytes - accelerating.levelBytes;
  const lateRate =
    accelerating !== null && accelerating.hoursLow > 0 && left > 0 ? left / accelerating.hoursLow : 0;
  const rate = Math.max(ratePerHour.high, ratePerHour.value, lateRate);
  const possible = room > 0 && rate > 0;
  const hours = possible ? room / rate : null;
  return {
    hours,
    likelyHours: possible && ratePerHour.value > 0 ? room / ratePerHour.value : null,
    restartAtBytes,
    ratePerHour: rate,
    safety,
    betweenWorkersHours: hours !== null && workers > 1 ? hours / workers : null,
    says: [
      ...(possible
        ? []
        : [
            room > 0
              ? 'nothing grows: no restart is needed'
              : `a fresh process takes ${Math.round((floorBytes / limitBytes) * 100)} % of the limit already: no interval keeps it below ${Math.round(safety * 100)} %; raise the limit`,
          ]),
      ...(possible && accelerating !== null
        ? [
            'growth accelerates: this is the most that may be between two restarts now, and it gets shorter; measure again',
          ]
        : []),
      'this wins time and fixes nothing: each restart takes the evidence with it, and the leak goes on',
    ],
  };
}

/** `6 h 40 min`, never rounded up: an interval that is too long is worse than one too short. */
export function intervalText(hours: number): string {
  const minutes = Math.floor(hours * 60);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return `${minutes} min`;
  const whole = Math.floor(minutes / 60);
  if (whole >= 48) return `${Math.floor(whole / 24)} d ${whole % 24} h`;
  return minutes % 60 === 0 ? `${whole} h` : `${whole} h ${minutes % 60} min`;
}
