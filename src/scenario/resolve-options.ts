/**
 * What resolving a scenario may be told, and how it reads files.
 */
import type { TrainingJob } from "../training/index.ts"
import type { ReadText } from "./load.ts"
import type { AttainedFactors, ResourceFactors } from "./resource-factors.ts"

/** Hands a file to `push` piece by piece; returns why it cannot be read, or undefined. `push` may stop the reading with true. */
export type ReadChunks = (path: string, push: (text: string) => boolean | void) => string | undefined

export interface ResolveOptions {
  /** Reads kernel tables and profiles; needed only where a scenario has some. */
  readonly readText?: ReadText
  /** Reads traces, which may be large; default: through `readText`. */
  readonly readChunks?: ReadChunks
  readonly seed?: number
  readonly trace?: TrainingJob["trace"]
  /** Serving: one lane a request in the trace. */
  readonly requestLanes?: boolean
  /** Machines, software and requests other than the scenario's by these factors; absent = as it says. */
  readonly factors?: ResourceFactors
  /** What the machines attain, in place of the scenario's own calibration. */
  readonly attained?: AttainedFactors
}
