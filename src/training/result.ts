/**
 * From an executed iteration to a result: throughput, utilisation, breakdown, memory, energy and cost.
 */
import { expertLoad } from "../kernels/index.ts"
import { modelFlopsPerToken } from "../transformer/index.ts"
import { breakdownOf } from "./breakdown.ts"
import type { Execution } from "./execute.ts"
import type { ExecutionPlan } from "./execution-plan.ts"
import type { MemoryPeak } from "./memory-tracker.ts"
import { mixedResult } from "./machines/result.ts"
import { averageWatts, kilowattHour, nodeJoules } from "./power.ts"
import type { StageBytes } from "./stage-memory.ts"
import { utilisationPeak } from "./utilisation.ts"
import type { Evidence, StageMemory, TrainingJob, TrainingResult } from "./types.ts"

/** Number of accelerators of a layout. */
const acceleratorsOf = ({ layout }: TrainingJob): number =>
  layout.tensor * layout.context * layout.data * layout.pipeline

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
  const { job, variants } = plan
  const constants = new Map(variants.flatMap(({ compiled }) => [...compiled.evidence]))
  const device = [...constants].map(([name, constant]) => ({ name, constant }))
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
  const breakdown = breakdownOf(execution.stages, iterationSeconds)
  const stages = plan.memory.flatMap((bytes, stage) => {
    const peak = execution.peaks[stage]
    return peak === undefined ? [] : [stageMemory(job, bytes, peak, stage)]
  })
  const mixed = job.machines === undefined ? null : mixedResult(plan, job.machines, execution, stages)
  const ofOneKind = (): StageMemory => stages.reduce((a, b) => (b.peakBytes > a.peakBytes ? b : a))
  const fullest = mixed?.fullest ?? ofOneKind()
  const capacityBytes = mixed?.capacityBytes ?? job.accelerator.memory.bytes
  const watts = mixed?.watts ?? averageWatts(job, breakdown, iterationSeconds)
  const joules =
    mixed?.joules ?? watts * accelerators * iterationSeconds + nodeJoules(job, accelerators, iterationSeconds)
  const cost = mixed === null ? costOf(job, accelerators, iterationSeconds, joules) : mixed.cost
  const peak = mixed?.peakFlops ?? utilisationPeak(job)
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
    memory: { capacityBytes, fits: fullest.peakBytes <= capacityBytes, fullest, stages: mixed?.stages ?? stages },
    energy: { joulesPerIteration: joules, averageWattsPerAccelerator: watts },
    cost: { perIteration: cost, perMillionTokens: cost === null ? null : (cost / tokens) * 1e6 },
    droppedShare: droppedShareOf(job),
    run: runOf(job, accelerators, iterationSeconds, tokens, joules, cost),
    ...(execution.slowest === null
      ? {}
      : { stragglers: { regularSeconds: iterationSeconds, lostSeconds: 0, causes: [], slowest: execution.slowest } }),
    ...(job.layerSplit === "balanced" || mixed !== null
      ? { layers: plan.compiled.parts.map((part) => part.layers) }
      : {}),
    ...(mixed === null ? {} : { groups: mixed.groups }),
    evidence: evidenceOf(plan),
    events: execution.events,
    trace: execution.trace
  }
}

const droppedShareOf = ({ model, expertImbalance, expertCapacity }: TrainingJob): number | null =>
  model.experts === null ? null : expertLoad(model.experts.count, expertImbalance, expertCapacity).dropped

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
