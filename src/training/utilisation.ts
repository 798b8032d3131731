/**
 * What utilisation is a share of.
 */
import type { Datatype } from "../catalog/index.ts"
import { halfFormat } from "../kernels/index.ts"
import type { TrainingJob } from "./types.ts"

/** The peak that utilisation is measured against: of the 16-bit format, or of the narrow format where layers use one. */
export const utilisationPeak = (job: TrainingJob): number => {
  const half = halfFormat(job.accelerator)
  const format: Datatype = job.precision === "fp16" || job.precision === "bf16" ? half : job.precision
  return (
    job.accelerator.peakFlops[format] ?? job.accelerator.peakFlops.fp8 ?? job.accelerator.peakFlops[half] ?? Number.NaN
  )
}
