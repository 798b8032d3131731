/**
 * A stretch: steps of one length one after the other, with checkpoints among them, while nothing disturbs. What has
 * happened by any time follows in closed form, so that a run costs its failures and not its steps.
 *
 *   first checkpoint           steps to it, wait for the upload before it, pause
 *   every further one          `every` steps, wait while the last upload still runs, pause: one period
 */

export interface Stretch {
  readonly startSeconds: number
  readonly startStep: number
  /** The stretch ends when this step is done, and saved where a checkpoint is due there. */
  readonly endStep: number
  readonly stepSeconds: number
  /** Step after which the first checkpoint is due, and steps between checkpoints; Infinity: there are none. */
  readonly firstCheckpoint: number
  readonly every: number
  readonly pauseSeconds: number
  readonly uploadSeconds: number
  /** When the upload that runs at the start ends; a checkpoint waits for it. */
  readonly uploadedAt: number
}

/** What a stretch has come to. */
export interface Position {
  /** Steps of the run that are done. */
  readonly step: number
  /** Seconds since the last whole step that were spent on the one in progress. */
  readonly partialSeconds: number
  /** Seconds of pauses, and of waiting for uploads. */
  readonly pausedSeconds: number
  /** Last step whose checkpoint can be used, -1 where none of this stretch can. */
  readonly savedStep: number
  /** Last step whose checkpoint has left the accelerators, -1 where none has, and when its upload ends. */
  readonly copiedStep: number
  readonly uploadedAt: number
}

/** Checkpoints that are due in the whole stretch. */
const checkpointsOf = ({ startStep, endStep, firstCheckpoint, every }: Stretch): number =>
  firstCheckpoint > endStep || firstCheckpoint <= startStep ? 0 : 1 + Math.floor((endStep - firstCheckpoint) / every)

/** Seconds that a later checkpoint waits for the upload of the one before it. */
const waitOf = ({ every, stepSeconds, uploadSeconds }: Stretch): number =>
  Math.max(0, uploadSeconds - every * stepSeconds)

/** When the first checkpoint is copied. */
const firstCopied = (stretch: Stretch): number => {
  const { startSeconds, startStep, firstCheckpoint, stepSeconds, uploadedAt, pauseSeconds } = stretch
  return Math.max(startSeconds + (firstCheckpoint - startStep) * stepSeconds, uploadedAt) + pauseSeconds
}

const periodOf = (stretch: Stretch): number =>
  stretch.every * stretch.stepSeconds + waitOf(stretch) + stretch.pauseSeconds

/** Position once a whole number of checkpoints is copied. */
const copied = (stretch: Stretch, checkpoints: number): number =>
  firstCopied(stretch) + (checkpoints - 1) * periodOf(stretch)

/** Checkpoints of a stretch: when the first was copied, seconds from one to the next, and how many. */
export interface Saves {
  readonly first: number
  readonly period: number
  readonly count: number
}

export const noSaves: Saves = { first: 0, period: 0, count: 0 }

/** The checkpoints of a stretch up to a position. */
export const savesOf = (stretch: Stretch, { copiedStep }: Position): Saves =>
  copiedStep < 0
    ? noSaves
    : {
        first: firstCopied(stretch),
        period: periodOf(stretch),
        count: 1 + Math.round((copiedStep - stretch.firstCheckpoint) / stretch.every)
      }

/** When the stretch ends. */
export const endOf = (stretch: Stretch): number => {
  const { startSeconds, startStep, endStep, stepSeconds, firstCheckpoint, every } = stretch
  const checkpoints = checkpointsOf(stretch)
  if (checkpoints === 0) return startSeconds + (endStep - startStep) * stepSeconds
  const last = firstCheckpoint + (checkpoints - 1) * every
  return copied(stretch, checkpoints) + (endStep - last) * stepSeconds
}

/** What has happened at the end. */
export const atEnd = (stretch: Stretch): Position =>
  after(stretch, checkpointsOf(stretch), stretch.endStep, endOf(stretch))

/** What has happened by a time inside of the stretch. */
export const positionAt = (stretch: Stretch, seconds: number): Position => {
  const { startSeconds, startStep, endStep, stepSeconds, firstCheckpoint, every } = stretch
  const all = checkpointsOf(stretch)
  if (all === 0 || seconds < firstCopied(stretch)) {
    const most = all === 0 ? endStep : firstCheckpoint
    return after(stretch, 0, Math.min(most, startStep + stepsIn(seconds - startSeconds, stepSeconds)), seconds)
  }
  const checkpoints = Math.min(all, 1 + Math.floor((seconds - firstCopied(stretch)) / periodOf(stretch)))
  const last = firstCheckpoint + (checkpoints - 1) * every
  const most = Math.min(endStep, last + every)
  return after(
    stretch,
    checkpoints,
    Math.min(most, last + Math.max(0, stepsIn(seconds - copied(stretch, checkpoints), stepSeconds))),
    seconds
  )
}

const stepsIn = (seconds: number, stepSeconds: number): number => Math.floor(seconds / stepSeconds)

/** The position at a time when so many checkpoints are copied and so many steps done. */
const after = (stretch: Stretch, checkpoints: number, step: number, seconds: number): Position => {
  const { startSeconds, startStep, stepSeconds, firstCheckpoint, every, uploadSeconds } = stretch
  const all = checkpointsOf(stretch)
  const passed = seconds - startSeconds
  const worked = (step - startStep) * stepSeconds
  const dueStep = checkpoints < all ? firstCheckpoint + checkpoints * every : Infinity
  // Seconds of the checkpoints that are copied; what is left belongs to the next step, or to the next checkpoint.
  const pausedBefore =
    checkpoints === 0
      ? 0
      : copied(stretch, checkpoints) -
        startSeconds -
        (firstCheckpoint + (checkpoints - 1) * every - startStep) * stepSeconds
  const rest = Math.max(0, passed - worked - pausedBefore)
  const isPausing = step === dueStep
  const lastUpload = checkpoints === 0 ? -Infinity : copied(stretch, checkpoints) + uploadSeconds
  const usable =
    checkpoints === 0
      ? 0
      : lastUpload <= seconds
        ? checkpoints
        : // A checkpoint waits for the upload before it, so that only the last one can be under way.
          checkpoints - 1
  return {
    step,
    partialSeconds: isPausing ? 0 : rest,
    pausedSeconds: pausedBefore + (isPausing ? rest : 0),
    savedStep: usable === 0 ? -1 : firstCheckpoint + (usable - 1) * every,
    copiedStep: checkpoints === 0 ? -1 : firstCheckpoint + (checkpoints - 1) * every,
    uploadedAt: checkpoints === 0 ? stretch.uploadedAt : lastUpload
  }
}
