/** Servers: k equal places and one first-in, first-out line in front of them. */
import { resumeAfter } from "./continuation.ts"
import type { Suspension } from "./process.ts"
import type { Simulation } from "./simulation.ts"
import { makeWaitingLine } from "./waiting-line.ts"

export interface Server {
  /** Takes one place, waiting in line while all are taken. */
  readonly acquire: () => Suspension
  /** Gives one place back, to the first in line if there is a line. */
  readonly release: () => void
  readonly inUse: number
  readonly waiting: number
  /** The longest line so far. */
  readonly peakWaiting: number
  /** Places taken, integrated over time: seconds of work of all places together. */
  readonly busySeconds: number
  /** busySeconds over the seconds that the places existed, 0 to 1. */
  readonly utilisation: number
}

/** More was given back to a resource than had been taken from it. */
export class ReleasedTooMuch extends Error {
  readonly _tag = "ReleasedTooMuch"
  readonly released: number
  readonly inUse: number
  constructor(released: number, inUse: number) {
    super(`${released} were given back when ${inUse} were taken`)
    this.released = released
    this.inUse = inUse
  }
}

/** A resource was asked for with a size that it can never have. */
export class BadResourceSize extends Error {
  readonly _tag = "BadResourceSize"
  readonly size: number
  constructor(size: number) {
    super(`${size} is not a possible size here`)
    this.size = size
  }
}

/** A server with a whole number of places, one or more. */
export const makeServer = (simulation: Simulation, places = 1): Server => {
  if (!(Number.isInteger(places) && places >= 1)) throw new BadResourceSize(places)
  const line = makeWaitingLine<() => void>()
  const startSeconds = simulation.now
  let inUse = 0
  let peakWaiting = 0
  let busyBeforeSeconds = 0
  let changedSeconds = simulation.now

  const busySeconds = (): number => busyBeforeSeconds + inUse * (simulation.now - changedSeconds)
  const setInUse = (next: number): void => {
    busyBeforeSeconds = busySeconds()
    changedSeconds = simulation.now
    inUse = next
  }
  return {
    acquire: () => (resume) => {
      if (inUse < places) {
        setInUse(inUse + 1)
        return true
      }
      line.join(resume)
      peakWaiting = Math.max(peakWaiting, line.length)
      return false
    },
    release: () => {
      if (inUse === 0) throw new ReleasedTooMuch(1, 0)
      const first = line.take()
      // The place passes straight to the first in line: nobody who arrives at the same moment can take it.
      if (first === undefined) setInUse(inUse - 1)
      else resumeAfter(simulation, 0, first)
    },
    get inUse() {
      return inUse
    },
    get waiting() {
      return line.length
    },
    get peakWaiting() {
      return peakWaiting
    },
    get busySeconds() {
      return busySeconds()
    },
    get utilisation() {
      const elapsedSeconds = simulation.now - startSeconds
      return elapsedSeconds === 0 ? 0 : busySeconds() / (places * elapsedSeconds)
    }
  }
}
