/** How much of what the accelerators could do was used. */
import { quantisations, type Datatype } from "../../catalog/index.ts"
import type { InferenceTarget } from "../../inference/index.ts"
import { halfFormat } from "../../kernels/index.ts"
import type { ServingJob, ServingLog } from "../types.ts"
import { acceleratorsPerReplica, paidReplicasOf, sumOf } from "./totals.ts"
import type { Utilisation } from "./types.ts"

/** Dense peak of the format that the layers' products run in, FLOP/s; of 16 bits where the accelerator lacks it. */
export const peakFlopsOf = ({ accelerator, precision }: InferenceTarget): number => {
  const half = halfFormat(accelerator)
  const compute = quantisations.find(({ name }) => name === precision)?.compute ?? "half"
  const format: Datatype = compute === "half" ? half : compute
  return accelerator.peakFlops[format] ?? accelerator.peakFlops[half] ?? NaN
}

export const utilisationOf = (job: ServingJob, log: ServingLog): Utilisation => {
  const { seconds } = log
  const paid = paidReplicasOf(job, log)
  const replicaSeconds = seconds * paid
  const stageSeconds = replicaSeconds * job.steps.stages
  const acceleratorSeconds = seconds * (paid * acceleratorsPerReplica(job))
  const peak = peakFlopsOf(job.target)
  const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0)
  return {
    busy: share(sumOf(log, "busySeconds"), replicaSeconds),
    modelFlops: share(sumOf(log, "flops"), acceleratorSeconds * peak),
    peakFlopsPerAccelerator: peak,
    memoryBandwidth: share(sumOf(log, "bytes"), acceleratorSeconds * job.target.accelerator.memory.bytesPerSecond),
    communication: share(sumOf(log, "communicationSeconds"), stageSeconds),
    host: share(sumOf(log, "hostSeconds"), replicaSeconds)
  }
}
