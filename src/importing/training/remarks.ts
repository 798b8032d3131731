/**
 * What became of each line of a launch script or configuration.
 */

export type RemarkKind = "assumed" | "not modelled" | "unknown" | "understood" | "ignored"

export interface TrainingRemark {
  readonly kind: RemarkKind
  /** What was written, such as `--num-layers 70`; nothing where an assumption is about what was not. */
  readonly written?: string
  /** What it means, or why it means nothing. */
  readonly text: string
  /** The file that holds it, where it is not the one that is imported. */
  readonly file?: string
  /** Counted from 1. */
  readonly line?: number
}

export const assumed = (text: string): TrainingRemark => ({ kind: "assumed", text })
