import type { TrainingJob } from "./types.ts"

/** The number format that gradients, weights and accumulation tables of a stack are listed under. */
export const halfOf = (job: TrainingJob): "bf16" | "fp16" => (job.precision === "fp16" ? "fp16" : "bf16")
