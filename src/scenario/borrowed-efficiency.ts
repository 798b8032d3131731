/**
 * The remark that an accelerator's efficiency is that of another one.
 */
import { gemmConstant, type Datatype } from "../catalog/index.ts"
import type { Evidence } from "../training/index.ts"
import { nearestAccelerator } from "./borrowing.ts"
import type { Machines } from "./cluster.ts"
import { isFields } from "./merge.ts"
import type { Scenario } from "./schema.ts"

/** Says that an accelerator given by its data sheet has the efficiency of another one. */
export const borrowedEfficiency = (
  cluster: Scenario["cluster"],
  { accelerator }: Machines,
  precision: Datatype
): readonly Evidence[] => {
  const written = cluster.accelerator
  if (!isFields(written) || "extends" in written || "efficiencyClass" in written || cluster.system !== undefined)
    return []
  const nearest = nearestAccelerator(accelerator)
  const { constant } = gemmConstant(accelerator.efficiencyClass, precision)
  return [
    {
      name: `efficiency of ${accelerator.name}`,
      constant: {
        value: constant.value,
        origin: "assumed",
        source: `only its data sheet is known; efficiency of ${nearest.name}, the nearest accelerator that was measured`
      }
    }
  ]
}
