/**
 * The number format of a served model's weights: a quantisation of the catalogue that the accelerator can run.
 */
import {
  find,
  isUnknownName,
  nearestNames,
  quantisations,
  type Accelerator,
  type Quantisation
} from "../../catalog/index.ts"
import { show, type Finding } from "../issue.ts"

/** 16 bits, in the format that the hardware multiplies. */
export const usualPrecision = ({ peakFlops }: Accelerator): "bf16" | "fp16" =>
  peakFlops.bf16 === undefined && peakFlops.fp16 !== undefined ? "fp16" : "bf16"

/**
 * Whether an accelerator can multiply what a quantisation stores. Floats narrower than it multiplies are kept as weights
 * alone; 8-bit integers are not.
 */
const canRun = ({ compute }: Quantisation, { peakFlops }: Accelerator): boolean =>
  compute !== "int8" || peakFlops.int8 !== undefined

/** The catalogue's name of the format that a scenario means. */
export const precisionOf = (written: string | undefined, accelerator: Accelerator): string | Finding => {
  if (written === undefined) return usualPrecision(accelerator)
  const found = find("quantisations", written)
  const runnable = quantisations.filter((entry) => canRun(entry, accelerator)).map(({ name }) => name)
  if (!isUnknownName(found) && runnable.includes(found.name)) return found.name
  return {
    path: ["serving", "precision"],
    problem: isUnknownName(found)
      ? `there is no precision ${show(written)}`
      : `${accelerator.name} cannot run ${found.name}`,
    given: show(written),
    expected: `one of ${runnable.join(", ")}`,
    nearest: nearestNames(written, runnable)
  }
}
