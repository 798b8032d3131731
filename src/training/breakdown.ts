/**
 * What the seconds of an iteration went into, over stages or over groups of machines.
 */
import { categories, categoryIndex, emptyComposition, type Category } from "./category.ts"
import type { StageTime } from "./stage-times.ts"
import type { Breakdown } from "./types.ts"

/** The mean of stages' seconds, with what is left of the iteration. */
export const breakdownOf = (times: readonly StageTime[], iterationSeconds: number): Breakdown => {
  const stages = times.length
  const mean = emptyComposition()
  let [pipeline, data, optimizer] = [0, 0, 0]
  for (const stage of times) {
    stage.composition.forEach((value, index) => {
      mean[index] = (mean[index] ?? 0) + value / stages
    })
    pipeline += stage.pipelineSeconds / stages
    data += stage.dataSeconds / stages
    optimizer += stage.optimizerSeconds / stages
  }
  const of = (category: Category): number => mean[categoryIndex[category]] ?? 0
  const busy = categories.reduce((sum, category) => sum + of(category), 0) + pipeline + data + optimizer
  return {
    compute: {
      gemm: of("gemm"),
      attention: of("attention"),
      elementwise: of("elementwise"),
      head: of("head"),
      experts: of("experts"),
      recompute: of("recompute"),
      accumulation: of("accumulation"),
      shardCopies: of("shardCopies")
    },
    exposed: {
      tensor: of("tensor"),
      pipeline,
      data: of("data") + data,
      context: of("context"),
      expert: of("expert")
    },
    // What is left of the iteration, stages waited for one another.
    bubble: Math.max(0, iterationSeconds - busy),
    host: of("host"),
    optimizer
  }
}
