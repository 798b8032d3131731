/**
 * What a framework's script says, in the words of a scenario, before the machines are known.
 */
import type { WrittenStack } from "../settings.ts"
import type { Options } from "./options.ts"
import type { TrainingRemark } from "./remarks.ts"
import type { SaidModel } from "./said-model.ts"

export interface SaidTraining {
  readonly options: Options
  readonly model: SaidModel
  readonly stack: WrittenStack
  /** Fields of `training.parallelism`; sizes of 1 are left out. */
  readonly parallelism: Readonly<Record<string, unknown>>
  /** The other fields of `training`. */
  readonly training: Readonly<Record<string, unknown>>
  readonly machines: SaidMachines
  /** Field of the scenario to the option that sets it, for refusals. */
  readonly fields: Readonly<Record<string, string>>
  readonly remarks: readonly TrainingRemark[]
}

export interface SaidMachines {
  readonly nodes: number | undefined
  readonly perNode: number | undefined
  /** Accelerators in all, where nodes are not told apart. */
  readonly ranks: number | undefined
  /** Words that may name a cluster or an accelerator: partition, constraint, gres. */
  readonly hints: readonly string[]
  readonly remarks: readonly TrainingRemark[]
}

export const aboveOne = (sizes: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(sizes).filter((entry): entry is [string, number] => entry[1] !== undefined && entry[1] > 1)
  )
