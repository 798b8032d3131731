/** Signals: processes wait for something that another process makes happen. */
import { resumeAfter } from "./continuation.ts"
import type { Suspension } from "./process.ts"
import type { Simulation } from "./simulation.ts"

export interface Signal {
  /** Waits for the next `fire`, even when the signal has fired before. */
  readonly next: Suspension
  /** Wakes everything that waits now, in the order in which it began to wait; answers how many. */
  readonly fire: () => number
}

export const makeSignal = (simulation: Simulation): Signal => {
  let waiting: Array<() => void> = []
  return {
    next: (resume) => {
      waiting.push(resume)
      return false
    },
    fire: () => {
      const woken = waiting
      waiting = []
      for (const resume of woken) resumeAfter(simulation, 0, resume)
      return woken.length
    }
  }
}
