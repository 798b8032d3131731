/**
 * How far a run has come: steps that are done, the checkpoint to fall back to, one that is being uploaded, the step after
 * which the next is due, and what the time was spent on while steps ran.
 */
import { makeLedger } from "./ledger.ts"
import { atEnd, endOf, noSaves, positionAt, savesOf, type Position, type Saves, type Stretch } from "./stretch.ts"
import type { RunPlan } from "./types.ts"

/** How fast steps go. */
export interface Pace {
  /** Seconds of a step over those of an undisturbed one. */
  readonly slowdown: number
  /** Share of the accelerators that work; the others idle. */
  readonly share: number
}

export interface Progress {
  readonly isDone: boolean
  /** Steps that are done, and the step to fall back to, as of the last time that something was decided. */
  readonly step: number
  readonly savedStep: number
  /** Checkpoints among the steps that ran last. */
  readonly saves: Saves
  /** Seconds of steps that stand, of what they took longer than undisturbed, of steps that fell, of checkpoints among them. */
  readonly spent: {
    readonly productive: number
    readonly slowed: number
    readonly lost: number
    readonly checkpoint: number
  }
  /** Energy of the time in which steps ran. */
  readonly joules: number
  /** Steps run on from now; gives the time at which something has to be decided again. */
  start(now: number, pace: Pace): number
  /** Nothing follows the step, or the checkpoint, that is in progress; gives the time at which it ends. */
  endWithStep(now: number): number
  /** What was started has come to its end. */
  reachEnd(now: number): void
  /** Everything ends at once, in the middle of a step. An upload that is on its way is lost. */
  breakOff(now: number): void
  /** Back to the last checkpoint that can be used. */
  fallBack(): void
  /** Seconds until the present step is saved, if nothing else runs. */
  saveSeconds(now: number): number
  /** The present step is saved. */
  saved(): void
}

/**
 * Progress at the first step.
 *
 * @param every  steps between checkpoints, by segment
 */
export const makeProgress = (plan: RunPlan, every: readonly number[]): Progress => {
  const { segments, checkpoint, power } = plan
  const ledger = makeLedger()
  const starts = startsOf(plan)
  const lastStep = starts.at(-1)!
  const pauseSeconds = checkpoint?.pauseSeconds ?? 0
  const uploadSeconds = checkpoint?.uploadSeconds ?? 0
  let [paused, joules] = [0, 0]
  let stretch: Stretch | undefined
  let saves = noSaves
  let pace: Pace = { slowdown: 1, share: 1 }
  let [segment, step] = [0, 0]
  let [savedStep, copiedStep, uploadedAt] = [0, -1, 0]
  let due = checkpoint === null ? Infinity : every[0]!

  const enter = (): void => {
    while (segment > 0 && step < starts[segment]!) segment--
    while (segment + 1 < segments.length && step >= starts[segment + 1]!) segment++
  }

  const finishUpload = (now: number): void => {
    if (copiedStep > savedStep && uploadedAt <= now) savedStep = copiedStep
  }

  const book = (position: Position, now: number): void => {
    const { startStep, startSeconds, stepSeconds } = stretch!
    const { stepSeconds: undisturbed, watts } = segments[segment]!
    ledger.add(startStep, position.step, undisturbed, stepSeconds)
    saves = savesOf(stretch!, position)
    paused += position.pausedSeconds
    const working = now - startSeconds - position.pausedSeconds
    joules += working * (watts * pace.share + power.idle * (1 - pace.share)) + position.pausedSeconds * power.waiting
    step = position.step
    finishUpload(now)
    if (position.savedStep >= 0) savedStep = position.savedStep
    if (position.copiedStep >= 0) {
      copiedStep = position.copiedStep
      uploadedAt = position.uploadedAt
      due = copiedStep + every[segment]!
    }
    ledger.keep(savedStep)
    stretch = undefined
  }

  return {
    get isDone() {
      return step === lastStep
    },
    get step() {
      return step
    },
    get savedStep() {
      return savedStep
    },
    get saves() {
      return saves
    },
    get spent() {
      return { productive: ledger.productive, slowed: ledger.slowed, lost: ledger.lost, checkpoint: paused }
    },
    get joules() {
      return joules
    },
    start(now, newPace) {
      enter()
      pace = newPace
      if (due <= step) due = step + every[segment]!
      stretch = {
        startSeconds: now,
        startStep: step,
        endStep: starts[segment + 1]!,
        stepSeconds: segments[segment]!.stepSeconds * pace.slowdown,
        firstCheckpoint: due,
        every: every[segment]!,
        pauseSeconds,
        uploadSeconds,
        uploadedAt
      }
      return endOf(stretch)
    },
    endWithStep(now) {
      const { step: done, partialSeconds } = positionAt(stretch!, now)
      stretch = { ...stretch!, endStep: Math.min(stretch!.endStep, partialSeconds > 0 ? done + 1 : done) }
      return endOf(stretch)
    },
    reachEnd(now) {
      book(atEnd(stretch!), now)
    },
    breakOff(now) {
      if (stretch !== undefined) {
        const position = positionAt(stretch, now)
        book(position, now)
        ledger.cut(position.partialSeconds)
      }
      finishUpload(now)
      copiedStep = -1
      uploadedAt = now
    },
    fallBack() {
      if (step === savedStep) return
      ledger.fallBack(savedStep)
      step = savedStep
      enter()
      due = checkpoint === null ? Infinity : savedStep + every[segment]!
    },
    saveSeconds(now) {
      finishUpload(now)
      if (checkpoint === null || savedStep === step) return 0
      const underWay = Math.max(0, uploadedAt - now)
      return copiedStep === step ? underWay : underWay + pauseSeconds + uploadSeconds
    },
    saved() {
      if (checkpoint !== null) savedStep = step
      ledger.keep(savedStep)
      copiedStep = -1
    }
  }
}

/** First step of every segment, and the last of all. */
const startsOf = ({ segments }: RunPlan): readonly number[] => {
  let first = 0
  return [0, ...segments.map(({ steps }) => (first += steps))]
}
