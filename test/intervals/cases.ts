/** Measured cases of the tests, alike unless they say otherwise. */
import type { Likeness, Residual } from "../../src/intervals/index.ts"

export const bloom: Likeness = {
  quantity: "iteration",
  load: "training",
  stack: "megatron-deepspeed",
  accelerator: { name: "a100-sxm-80gb", efficiencyClass: "a100", generation: "ampere" },
  accelerators: 384,
  parameters: 176e9,
  isMixture: false
}

/** Measured 100 s; predicted too fast by the factor exp(leftOut). */
export const caseOf = (leftOut: number, about: Partial<Residual> = {}): Residual => ({
  ...bloom,
  id: `case ${leftOut}`,
  source: `source ${leftOut}`,
  model: "BLOOM-176B",
  metric: "secondsPerIteration",
  measured: 100,
  predicted: 100 * Math.exp(-leftOut / 2),
  error: leftOut / 2,
  leftOut,
  ...about
})
