/**
 * The best interval between checkpoints in closed form, and what a run takes with any.
 *
 * They hold for exponential failures at one rate, checkpoints that stop the work, and restarts of one length.
 */

/** Young 1974: sqrt(2 d M), seconds of work between checkpoints of `pause` seconds at a mean time between failures. */
export const youngInterval = (pause: number, failureSeconds: number): number => Math.sqrt(2 * pause * failureSeconds)

/**
 * Daly 2006, equation 37: sqrt(2 d M) (1 + sqrt(d / 2M) / 3 + d / 18M) - d, and M where checkpoints take 2 M or longer.
 */
export const dalyInterval = (pause: number, failureSeconds: number): number => {
  if (pause >= 2 * failureSeconds) return failureSeconds
  const share = pause / (2 * failureSeconds)
  return youngInterval(pause, failureSeconds) * (1 + Math.sqrt(share) / 3 + share / 9) - pause
}

/**
 * Daly 2006, equation 20, exact for exponential failures, which may also come while a restart or a save runs:
 *
 *   M e^(R/M) (e^((t + d)/M) - 1) T / t
 *
 * @param work      seconds of work, T
 * @param interval  seconds of work between checkpoints, t
 * @param pause     seconds of a checkpoint, d
 * @param restart   seconds from a failure until the work goes on, R
 */
export const dalyRunSeconds = (
  work: number,
  interval: number,
  pause: number,
  restart: number,
  failureSeconds: number
): number =>
  ((failureSeconds * Math.exp(restart / failureSeconds) * Math.expm1((interval + pause) / failureSeconds)) / interval) *
  work
