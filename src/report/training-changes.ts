/**
 * What may make an iteration faster: small changes of settings, layout and hardware.
 */
import type { ResolvedTraining } from "../scenario/index.ts"
import type { Candidate } from "./candidate.ts"
import { hardwareChanges } from "./hardware-changes.ts"

export const trainingChanges = (resolved: ResolvedTraining): readonly Candidate[] => {
  const { job, scenario } = resolved
  return [
    ...settings(resolved),
    ...layouts(resolved),
    // What is to be changed of machines of several kinds, a group's fields say.
    ...(job.machines === undefined
      ? hardwareChanges({ scenario, accelerator: job.accelerator, fabric: job.fabric })
      : [])
  ]
}

const setting = (name: string, changes: Candidate["changes"]): Candidate => ({ name, kind: "setting", changes })

const settings = ({ job }: ResolvedTraining): readonly Candidate[] => {
  const { microBatch, recompute, layout, sharding, accelerator, precision, stack } = job
  const isUsual = typeof job.schedule === "string" && job.virtualPipeline === 1
  return [
    ...[2 * microBatch, microBatch / 2]
      .filter((size) => Number.isInteger(size))
      .map((size) => setting(`micro-batches of ${size}`, { "training.microBatch": size })),
    ...(["none", "selective", "full"] as const)
      .filter((kind) => kind !== recompute)
      .map((kind) => setting(recomputeNames[kind], { "training.recompute": kind })),
    ...(isUsual && layout.pipeline > 1
      ? [2, 4].map((chunks) =>
          setting(`interleaved 1F1B with ${chunks} chunks a stage`, {
            "training.schedule": "interleaved-1f1b",
            "training.parallelism.virtualPipeline": chunks
          })
        )
      : []),
    ...(isUsual && layout.pipeline > 1 && job.schedule === "1f1b"
      ? [setting("zero-bubble schedule ZB-H1", { "training.schedule": "zb-h1" })]
      : []),
    ...(layout.data > 1 && !stack.fullySharded
      ? ([0, 1, 2] as const)
          .filter((stage) => stage !== sharding.zeroStage)
          .map((stage) =>
            setting(stage === 0 ? "optimizer states not sharded" : `ZeRO-${stage}`, { "training.zeroStage": stage })
          )
      : []),
    ...(precision === "bf16" && accelerator.peakFlops.fp8 !== undefined
      ? [setting("layers in fp8", { "training.precision": "fp8" })]
      : [])
  ]
}

const recomputeNames = {
  none: "no recomputation of activations",
  selective: "only attention recomputed",
  full: "activations recomputed in full"
} as const

/** Two of the sizes of the layout, one doubled and one halved: the same accelerators. */
const layouts = ({ job: { layout } }: ResolvedTraining): readonly Candidate[] => {
  const names = ["tensor", "pipeline", "data"] as const
  const words = { tensor: "TP", pipeline: "PP", data: "DP" } as const
  return names.flatMap((up) =>
    names.flatMap((down): readonly Candidate[] => {
      if (up === down || layout[down] % 2 !== 0) return []
      const sizes = {
        tensor: layout.tensor,
        pipeline: layout.pipeline,
        data: layout.data,
        [up]: 2 * layout[up],
        [down]: layout[down] / 2
      }
      return [
        {
          name: names.map((name) => `${words[name]} ${sizes[name]}`).join(" x "),
          kind: "layout",
          changes: {
            "training.parallelism.tensor": sizes.tensor,
            "training.parallelism.pipeline": sizes.pipeline,
            "training.parallelism.data": sizes.data
          }
        }
      ]
    })
  )
}
