/** Memory pools: an amount that is taken and given back in any portions, with the peak remembered. */
import { resumeAfter } from "./continuation.ts"
import type { Suspension } from "./process.ts"
import { BadResourceSize, ReleasedTooMuch } from "./server.ts"
import type { Simulation } from "./simulation.ts"
import { makeWaitingLine } from "./waiting-line.ts"

export interface MemoryPool {
  readonly capacity: number
  /** Takes an amount, waiting in line while it does not fit. Nobody overtakes, so a large request is not starved. */
  readonly acquire: (amount: number) => Suspension
  /** Takes an amount now, or answers false and takes nothing. */
  readonly tryAcquire: (amount: number) => boolean
  readonly release: (amount: number) => void
  readonly inUse: number
  readonly waiting: number
  /** The most that was ever taken at once, and when it was first reached. */
  readonly peak: number
  readonly peakAtSeconds: number
}

interface Request {
  readonly amount: number
  readonly resume: () => void
}

/** A pool of a capacity in any unit (bytes, blocks); asking for more than the capacity is refused at once. */
export const makeMemoryPool = (simulation: Simulation, capacity: number): MemoryPool => {
  if (!(capacity >= 0)) throw new BadResourceSize(capacity)
  const line = makeWaitingLine<Request>()
  let inUse = 0
  let peak = 0
  let peakAtSeconds = simulation.now

  const take = (amount: number): void => {
    inUse += amount
    if (inUse > peak) {
      peak = inUse
      peakAtSeconds = simulation.now
    }
  }
  const tryAcquire = (amount: number): boolean => {
    if (!(amount >= 0 && amount <= capacity)) throw new BadResourceSize(amount)
    const fits = line.length === 0 && inUse + amount <= capacity
    if (fits) take(amount)
    return fits
  }
  return {
    capacity,
    tryAcquire,
    acquire: (amount) => (resume) => {
      const fits = tryAcquire(amount)
      if (!fits) line.join({ amount, resume })
      return fits
    },
    release: (amount) => {
      if (!(amount >= 0 && amount <= inUse)) throw new ReleasedTooMuch(amount, inUse)
      inUse -= amount
      for (let first = line.front; first !== undefined && inUse + first.amount <= capacity; first = line.front) {
        line.take()
        take(first.amount)
        resumeAfter(simulation, 0, first.resume)
      }
    },
    get inUse() {
      return inUse
    },
    get waiting() {
      return line.length
    },
    get peak() {
      return peak
    },
    get peakAtSeconds() {
      return peakAtSeconds
    }
  }
}
