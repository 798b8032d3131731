/**
 * A measured case with its prediction, and with what was predicted when nothing of its source was used: the evidence that
 * intervals are made of.
 */

/**
 * What is predicted; errors of one do not say those of another. An iteration of a training; work a second of a server, or
 * the wall time of a static batch; a token of an answer; the first token.
 */
export const quantities = ["iteration", "throughput", "token", "first"] as const
export type Quantity = (typeof quantities)[number]

/** How the work came: a training step, a batch, a backlog, users who wait, requests that arrive by themselves. */
export const loads = ["training", "static", "offline", "closed", "open"] as const
export type Load = (typeof loads)[number]

/** What of a case its errors may depend on. */
export interface Likeness {
  readonly quantity: Quantity
  readonly load: Load
  /** Name of the software; what it is derived from is looked up. */
  readonly stack: string
  readonly accelerator: AcceleratorKind
  readonly accelerators: number
  /** Of the model, in all. */
  readonly parameters: number
  readonly isMixture: boolean
  /**
   * Of a machine that is imagined: doublings and halvings of rates and latencies of the one that it is made from, all added.
   * Absent in measured cases.
   */
  readonly doublings?: number
}

/** Accelerators of one class share their efficiency constants; of one generation, their architecture. */
export interface AcceleratorKind {
  readonly name: string
  readonly efficiencyClass: string
  readonly generation: string
}

/** How a case was laid out and loaded: sizes are numbers, choices words (`pair-difference.ts` names them). */
export type Setup = Readonly<Record<string, number | string>>

export interface Residual extends Likeness {
  readonly id: string
  /** Cases of one source were measured by the same hands on the same machines. */
  readonly source: string
  /** Title of the model. */
  readonly model: string
  /** Name and unit as the source has it. */
  readonly metric: string
  readonly measured: number
  readonly predicted: number
  /** log of measured over predicted seconds: above 0 where the prediction is too fast. */
  readonly error: number
  /** The same with constants fitted to all other sources: what an unknown machine room has to expect. */
  readonly leftOut: number
  /** Absent in files of before it was kept. */
  readonly setup?: Setup
}
