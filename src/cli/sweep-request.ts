/**
 * A sweep as it was asked for.
 */
import type { SweepWords } from "./sweep-plan.ts"

export interface SweepRequest extends SweepWords {
  readonly scenario: string
  readonly set: readonly string[]
  /** Threads that simulate; 0 = others do. */
  readonly threads: number
  readonly store: string
  readonly leaseSeconds: number
  /** Until every point is done. */
  readonly isWaiting: boolean
  /** Also what was given up with an error. */
  readonly isRetrying: boolean
  readonly json: boolean
}
