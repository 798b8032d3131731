/**
 * Links: bytes at a rate, one transfer after the other in the order in which they were asked for.
 *
 * A first-in, first-out link needs no queue: a transfer starts when the one before it has left the sender, and arrives
 * one latency after its own last byte has left.
 */
import { resumeAfter } from "./continuation.ts"
import type { Suspension } from "./process.ts"
import { BadResourceSize } from "./server.ts"
import type { Simulation } from "./simulation.ts"

export interface Link {
  /** Waits until a number of bytes has arrived at the other end. */
  readonly transfer: (bytes: number) => Suspension
  /** Bytes asked for so far, sent or still in line. */
  readonly bytes: number
  /** Seconds so far in which bytes were leaving. */
  readonly busySeconds: number
  /** busySeconds over the seconds that the link existed, 0 to 1. */
  readonly utilisation: number
}

/** A link of a rate in bytes/s (more than zero; Infinity is allowed) and a latency in seconds. */
export const makeLink = (simulation: Simulation, bytesPerSecond: number, latencySeconds = 0): Link => {
  if (!(bytesPerSecond > 0)) throw new BadResourceSize(bytesPerSecond)
  if (!(latencySeconds >= 0)) throw new BadResourceSize(latencySeconds)
  const startSeconds = simulation.now
  let freeAtSeconds = simulation.now
  let bytesAsked = 0
  let sendingSeconds = 0
  // Until the link is free again it is busy without a gap, so what is still to be sent is exactly that long.
  const busySeconds = (): number => sendingSeconds - Math.max(0, freeAtSeconds - simulation.now)
  return {
    transfer: (bytes) => (resume) => {
      if (!(bytes >= 0 && bytes < Infinity)) throw new BadResourceSize(bytes)
      const seconds = bytes / bytesPerSecond
      freeAtSeconds = Math.max(simulation.now, freeAtSeconds) + seconds
      sendingSeconds += seconds
      bytesAsked += bytes
      resumeAfter(simulation, freeAtSeconds - simulation.now + latencySeconds, resume)
      return false
    },
    get bytes() {
      return bytesAsked
    },
    get busySeconds() {
      return busySeconds()
    },
    get utilisation() {
      const elapsedSeconds = simulation.now - startSeconds
      return elapsedSeconds === 0 ? 0 : busySeconds() / elapsedSeconds
    }
  }
}
