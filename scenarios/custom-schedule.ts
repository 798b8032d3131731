/**
 * A schedule of one's own, as a function: eager 1F1B (Zhuang et al., arXiv:2211.05322), where a stage runs about
 * twice as many forwards ahead as under 1F1B. Slow sends between the stages then hide behind computation.
 *
 * A scenario script exports a scenario as its default. With `import { Scenario } from "windtunnel-sim"` and
 * `Scenario.make({ ... })` around it, an editor completes and checks the fields.
 */

/** The operations of each stage in order: F3 is the forward of micro-batch 3, B3 its backward. */
const eager = ({ stages, microBatches }: { readonly stages: number; readonly microBatches: number }): string[] => {
  const forward = Array.from({ length: microBatches }, (_, index) => `F${index}`)
  return Array.from({ length: stages }, (_, stage) => {
    const ahead = 2 * (stages - stage - 1) + 1
    const steady = forward.flatMap((_, index) => [`B${index}`, ...forward.slice(ahead + index, ahead + index + 1)])
    return [...forward.slice(0, ahead), ...steady].join(" ")
  })
}

export default {
  name: "GPT-3 13B over a slow network with eager 1F1B",
  cluster: { system: "dgx-a100", nodes: 4, network: { link: "ethernet-100g", nicsPerNode: 1 } },
  model: "gpt3-13b",
  training: {
    parallelism: { tensor: 8, pipeline: 4 },
    schedule: eager,
    microBatch: 4,
    globalBatch: 128,
    sequenceLength: 2048,
    recompute: "full",
    stack: "megatron-core"
  }
} as const
