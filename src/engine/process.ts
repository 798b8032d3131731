/**
 * Processes: an entity's life written from top to bottom as a generator that yields whatever it waits for.
 *
 *     process(simulation, function* () {
 *       yield wait(3)
 *       yield server.acquire()
 *       yield wait(1)
 *       server.release()
 *     })
 *
 * A process is for modest numbers of events; a hot loop uses `register` and `after` directly.
 */
import { resumeAfter } from "./continuation.ts"
import type { Simulation } from "./simulation.ts"

/**
 * Something to wait for. Answers true when there is nothing to wait for; otherwise it answers false and calls `resume`
 * once, later, through the event queue. Code that is not a process may call it with a callback of its own.
 */
export type Suspension = (resume: () => void, simulation: Simulation) => boolean

/** A started process. */
export interface Process {
  readonly isDone: boolean
  /** Waits for the end of the process; costs no time when it has ended already. */
  readonly join: Suspension
}

/** Waits for a time of zero or more seconds. */
export const wait =
  (seconds: number): Suspension =>
  (resume, simulation) => {
    resumeAfter(simulation, seconds, resume)
    return false
  }

/** Starts a process: its first step runs at the current time, after what is already scheduled for it. */
export const process = (simulation: Simulation, life: () => Generator<Suspension, void, void>): Process => {
  const steps = life()
  const joining: Array<() => void> = []
  let isDone = false
  const resume = (): void => {
    for (;;) {
      const step = steps.next()
      if (step.done === true) break
      if (!step.value(resume, simulation)) return
    }
    isDone = true
    for (const joined of joining) resumeAfter(simulation, 0, joined)
  }
  resumeAfter(simulation, 0, resume)
  return {
    get isDone() {
      return isDone
    },
    join: (joined) => {
      if (!isDone) joining.push(joined)
      return isDone
    }
  }
}
