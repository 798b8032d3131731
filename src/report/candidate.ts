/**
 * A change that may help, before it is simulated.
 */
import type { Changes } from "../scenario/index.ts"

export interface Candidate {
  /** In words: "micro-batches of 4". */
  readonly name: string
  /** setting: software, for nothing. layout: the same accelerators put together differently. hardware: to be bought. */
  readonly kind: "setting" | "layout" | "hardware"
  readonly changes: Changes
}
