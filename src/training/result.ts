/**
 * From an executed iteration to a result: throughput, utilisation, breakdown, memory, energy and cost.
 */
import type { Datatype } from "../catalog/index.ts"
import { expertLoad, halfFormat } from "../kernels/index.ts"
import { modelFlopsPerToken } from "../transformer/index.ts"
import { categories, categoryIndex, emptyComposition, type Category } from "./category.ts"
import type { Execution } from "./execute.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import type { MemoryPeak } from "./memory-tracker.ts"
import { averageWatts } from "./power.ts"
import type { StageBytes } from "./stage-memory.ts"
import type { Breakdown, Evidence, StageMemory, TrainingJob, TrainingResult } from "./types.ts"

/** Number of accelerators of a layout. */
const acceleratorsOf = ({ layout }: TrainingJob): number =>
  layout.tensor * layout.context * layout.data * layout.pipeline

/** The peak that utilisation is measured against: of the 16-bit format, or of the narrow format where layers use one. */
const utilisationPeak = (job: TrainingJob): number => {
  const half = halfFormat(job.accelerator)
  const format: Datatype = job.precision === "fp16" || job.precision === "bf16" ? half : job.precision
  return (
    job.accelerator.peakFlops[format] ?? job.accelerator.peakFlops.fp8 ?? job.accelerator.peakFlops[half] ?? Number.NaN
  )
}

const breakdownOf = (execution: Execution): Breakdown => {
  const stages = execution.stages.length
  const mean = emptyComposition()
  let [pipeline, data, optimizer] = [0, 0, 0]
  for (const stage of execution.stages) {
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
    bubble: Math.max(0, execution.iterationSeconds - busy),
    host: of("host"),
    optimizer
  }
}

const stageMemory = (job: TrainingJob, bytes: StageBytes, peak: MemoryPeak, stage: number): StageMemory => {
  const { resident } = bytes
  const activations = peak.activations + peak.working
  const fragmentation = job.stack.memory.fragmentation * (activations + peak.logits)
  return {
    stage,
    peakBytes: peak.bytes + fragmentation,
    atSeconds: peak.atSeconds,
    during: peak.during,
    kinds: {
      weights: resident.weights,
      gradients: resident.gradients,
      optimizer: resident.optimizer,
      activations,
      logits: peak.logits,
      buffers: resident.buffers,
      context: resident.context,
      fragmentation
    }
  }
}

const evidenceOf = (plan: ExecutionPlan): readonly Evidence[] => {
  const { job, compiled } = plan
  const device = [...compiled.evidence].map(([name, constant]) => ({ name, constant }))
  const stack = Object.entries(job.stack.constants)
    .filter(([, constant]) => constant.origin !== "assumed")
    .map(([name, constant]) => ({ name: `stack.${job.stack.name}.${name}`, constant }))
  return [...device, ...stack, ...job.evidence]
}

/** Assembles the result of an execution. */
export const resultOf = (plan: ExecutionPlan, execution: Execution): TrainingResult => {
  const { job } = plan
  const accelerators = acceleratorsOf(job)
  const { iterationSeconds } = execution
  const tokens = job.globalBatch * job.sequenceLength
  const tokensPerSecond = tokens / iterationSeconds
  const perAccelerator = tokensPerSecond / accelerators
  const logged = perAccelerator * modelFlopsPerToken(job.model, job.sequenceLength, job.stack.flopCounting)
  const model = perAccelerator * modelFlopsPerToken(job.model, job.sequenceLength, "model-full-attention")
  const executed = execution.stages.reduce((sum, stage) => sum + stage.flops, 0)
  const recomputed = execution.stages.reduce((sum, stage) => sum + stage.recomputedFlops, 0)
  // Both utilisations count attention in full, as model FLOPs do, though fused kernels execute half: what recompute
  // adds is taken from the executed FLOPs as a ratio.
  const hardware = (model * executed) / (executed - recomputed)
  const breakdown = breakdownOf(execution)
  const stages = plan.memory.flatMap((bytes, stage) => {
    const peak = execution.peaks[stage]
    return peak === undefined ? [] : [stageMemory(job, bytes, peak, stage)]
  })
  const fullest = stages.reduce((a, b) => (b.peakBytes > a.peakBytes ? b : a))
  const capacityBytes = job.accelerator.memory.bytes
  const watts = averageWatts(job, breakdown, iterationSeconds)
  const joules = watts * accelerators * iterationSeconds + nodeJoules(job, accelerators, iterationSeconds)
  const cost = costOf(job, accelerators, iterationSeconds, joules)
  const peak = utilisationPeak(job)
  return {
    kind: "training",
    iterationSeconds,
    tokensPerSecond,
    tokensPerSecondPerAccelerator: perAccelerator,
    loggedFlopsPerAccelerator: logged,
    modelFlopsPerAccelerator: model,
    hardwareFlopsPerAccelerator: hardware,
    modelFlopsUtilisation: model / peak,
    hardwareFlopsUtilisation: hardware / peak,
    pipelineBubbleShare: breakdown.bubble / iterationSeconds,
    breakdown,
    memory: { capacityBytes, fits: fullest.peakBytes <= capacityBytes, fullest, stages },
    energy: { joulesPerIteration: joules, averageWattsPerAccelerator: watts },
    cost: { perIteration: cost, perMillionTokens: cost === null ? null : (cost / tokens) * 1e6 },
    droppedShare: droppedShareOf(job),
    run: runOf(job, accelerators, iterationSeconds, tokens, joules, cost),
    evidence: evidenceOf(plan),
    events: execution.events,
    trace: execution.trace
  }
}

const droppedShareOf = ({ model, expertImbalance, expertCapacity }: TrainingJob): number | null =>
  model.experts === null ? null : expertLoad(model.experts.count, expertImbalance, expertCapacity).dropped

/** Energy of hosts, NICs and fans. */
const nodeJoules = (job: TrainingJob, accelerators: number, seconds: number): number =>
  (job.nodeWatts * seconds * accelerators) / job.fabric.acceleratorsPerNode

const kilowattHour = 3.6e6

const costOf = (job: TrainingJob, accelerators: number, seconds: number, joules: number): number | null => {
  const { price } = job
  if (price === undefined || (price.perAcceleratorHour === undefined && price.perKilowattHour === undefined))
    return null
  const rent = (price.perAcceleratorHour ?? 0) * accelerators * (seconds / 3600)
  const power = ((price.perKilowattHour ?? 0) * joules * price.powerUsageEffectiveness) / kilowattHour
  return rent + power
}

const runOf = (
  job: TrainingJob,
  accelerators: number,
  iterationSeconds: number,
  tokensPerIteration: number,
  joules: number,
  cost: number | null
): TrainingResult["run"] => {
  const tokens = job.run?.tokens
  if (tokens === undefined) return null
  const iterations = Math.ceil(tokens / tokensPerIteration)
  const seconds = iterations * iterationSeconds
  const kilowattHours = (joules * iterations * (job.price?.powerUsageEffectiveness ?? 1)) / kilowattHour
  const grams = job.price?.gramsPerKilowattHour
  return {
    tokens,
    seconds,
    acceleratorHours: (seconds / 3600) * accelerators,
    cost: cost === null ? null : cost * iterations,
    kilowattHours,
    gramsCarbon: grams === undefined ? null : grams * kilowattHours
  }
}
