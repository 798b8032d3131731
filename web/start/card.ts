/** What the start page tells of a shipped scenario. */
export interface Card {
  /** File below scenarios/ without its ending. */
  readonly name: string
  readonly title: string
  /** One iteration, a whole training run, or a server. */
  readonly kind: "training" | "run" | "serving"
  /** Of the schedule picture. */
  readonly stages: number
  readonly tensor: number
  /** 0 where the scenario's size is not a number of accelerators. */
  readonly accelerators: number
}
