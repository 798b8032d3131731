/**
 * An accelerator of which only the data sheet is known borrows its efficiency from the nearest one that was measured.
 */
import { accelerators, type Accelerator } from "../catalog/index.ts"
import { isFields } from "./merge.ts"

const rateOf = (fields: { readonly peakFlops?: unknown }): number | undefined => {
  const peaks = fields.peakFlops
  if (!isFields(peaks)) return undefined
  const rate = peaks["bf16"] ?? peaks["fp16"] ?? peaks["fp32"]
  return typeof rate === "number" && rate > 0 ? rate : undefined
}

/** The parts of a data sheet that tell accelerators apart; of any type, as they may not have been checked yet. */
interface DataSheet {
  readonly generation?: unknown
  readonly peakFlops?: unknown
  readonly memory?: unknown
}

/** Distance between two accelerators: factors of 2 in the rate of 16-bit matrix multiplications and of memory. */
const distance = (fields: DataSheet, entry: Accelerator): number => {
  const memory = isFields(fields.memory) ? fields.memory["bytesPerSecond"] : undefined
  return (
    doublings(rateOf(fields), rateOf({ peakFlops: entry.peakFlops })) +
    doublings(typeof memory === "number" && memory > 0 ? memory : undefined, entry.memory.bytesPerSecond)
  )
}

const doublings = (one: number | undefined, other: number | undefined): number =>
  one === undefined || other === undefined ? 0 : Math.abs(Math.log2(one / other))

/** The catalogue's accelerator nearest to a data sheet, of the same generation where that is given and known. */
export const nearestAccelerator = (fields: DataSheet): Accelerator => {
  const kin = accelerators.filter((entry) => entry.generation === fields.generation)
  const candidates = kin.length > 0 ? kin : accelerators
  return candidates.reduce((best, entry) => (distance(fields, entry) < distance(fields, best) ? entry : best))
}
