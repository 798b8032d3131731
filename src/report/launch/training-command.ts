/**
 * What every launcher of training is told of nodes, and what none of them can say.
 */
import type { ResolvedTraining } from "../../scenario/index.ts"

export interface Nodes {
  readonly count: number
  readonly perNode: number
}

export const nodesOf = ({ job, accelerators }: ResolvedTraining): Nodes => {
  const perNode = Math.min(job.fabric.acceleratorsPerNode, accelerators)
  return { count: Math.ceil(accelerators / perNode), perNode }
}

/** Iterations of the scenario's run; a short trial where it names none. */
export const iterationsOf = ({ job }: ResolvedTraining): number =>
  job.run?.tokens === undefined ? 100 : Math.ceil(job.run.tokens / (job.globalBatch * job.sequenceLength))

/** torchrun on every node of the cluster. */
export const torchrun = ({ count, perNode }: Nodes): readonly string[] => [
  "torchrun",
  `--nnodes=${count}`,
  `--nproc-per-node=${perNode}`,
  ...(count === 1 ? [] : ["--rdzv-backend=c10d", "--rdzv-endpoint=HEAD_NODE:29500"])
]

export const trainingRemarks = ({ job }: ResolvedTraining, schedules: readonly string[]): readonly string[] => [
  ...(typeof job.schedule === "string" && (schedules.includes(job.schedule) || job.layout.pipeline === 1)
    ? []
    : [
        `the simulated schedule is ${typeof job.schedule === "string" ? job.schedule : "one of its own"}, which this framework does not have`
      ]),
  ...(job.layerSplit === undefined ? [] : ["left out: the layers of each stage as the scenario splits them"]),
  ...(job.machines === undefined ? [] : ["left out: machines of several kinds, and what each of them runs"]),
  ...(job.offload.activations ? ["left out: activations moved to the host"] : [])
]
