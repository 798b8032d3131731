/**
 * Where a training scenario cannot be laid out: the smallest changes of a few fields after which it runs and fits, each
 * simulated before it is told.
 */
import { worldSize } from "../../parallel/index.ts"
import { isImpossible, simulateTraining, type TrainingJob, type TrainingResult } from "../../training/index.ts"
import { countParameters } from "../../transformer/index.ts"
import { trainingMachines } from "../cluster-groups.ts"
import { findImpossible, type Split } from "../feasibility.ts"
import { entryOf, isFindings, stackOf } from "../inline.ts"
import { splitPath } from "../issue.ts"
import { scenarioFromData, type LoadedScenario, type ReadText } from "../load.ts"
import { resolveTraining, splitOf, type ResolvedTraining } from "../resolve-training.ts"
import { isServing, type TrainingScenario } from "../schema.ts"
import { changedData, distance, fieldOf, type Changes } from "./changes.ts"
import { clusterSize } from "./cluster-size.ts"
import { roomier } from "./roomier.ts"
import { smallestChanges, type FoundChanges, type Limits, type Verified } from "./search.ts"
import { trainingMendings, type Scene } from "./training-mendings.ts"

export interface Mended {
  readonly changes: Changes
  readonly result: TrainingResult
}

/**
 * Operations of a schedule that all simulations together may have: about a second's worth (a million operations of
 * GPT-1T's iteration take 0.6 s), and so many simulations, which cost a few milliseconds each to set up.
 */
const limits: Limits = { most: 4, fields: 5, looks: 1500, simulations: 32, effort: 1e6 }

const sizes = "training.parallelism"

/** The smallest changes after which a scenario runs, the nearest first; none where its names cannot be resolved. */
export const trainingChangesThatRun = (
  { scenario }: Pick<LoadedScenario, "scenario">,
  options: { readonly readText?: ReadText } = {},
  most = limits.most
): readonly Mended[] => {
  if (isServing(scenario)) return []
  const sceneOf = sceneMaker(scenario, options.readText)
  const valueOf = valuesOf(scenario, sceneOf({}))
  const found = smallestChanges<Verdict>({
    distanceOf: (changes) => distance(changes, valueOf),
    mendings: (changes) => {
      const scene = sceneOf(changes)
      if (scene === undefined) return []
      const faults = findImpossible(scene.split)
      if (faults.length > 0) return faults.flatMap((fault) => trainingMendings(fault, scene))
      const excess = leastExcess(scene)
      return excess > 1 ? grown(scene, changes, 2 * excess) : undefined
    },
    verify: (changes) => simulated(scenario, changes, sceneOf(changes), options.readText),
    effortOf: (changes) => effortOf(sceneOf(changes)?.split),
    limits: { ...limits, most }
  })
  // What runs as it is needs no change.
  return told(found.filter(({ changes }) => Object.keys(changes).length > 0))
}

/** Accelerators of uneven clusters that are simulated in full: a thousand take about a second. */
const mostUneven = 1000

/**
 * What is told of what was found. What breaks the symmetry takes its time: it was left aside in the search, and is
 * simulated for the first few, which are all that is told then.
 */
const told = (found: readonly FoundChanges<Verdict>[]): readonly Mended[] => {
  let uneven = 0
  return found.flatMap(({ changes, found: { job, result } }) => {
    if (job.irregularities === undefined) return [{ changes, result }]
    if (uneven > mostUneven) return []
    uneven += worldSize(job.layout)
    const full = simulateTraining(job)
    return isImpossible(full) || !full.memory.fits ? [] : [{ changes, result: full }]
  })
}

const effortOf = (split: Split | undefined): number =>
  split === undefined
    ? 0
    : (2 * split.layout.pipeline * split.virtualPipeline * split.globalBatch) / (split.layout.data * split.microBatch)

/** What the fields are that a search may change, defaults filled in. */
const valuesOf =
  (scenario: TrainingScenario, scene: Scene | undefined) =>
  (path: string): unknown => {
    const written = fieldOf(scenario, path)
    if (written !== undefined || scene === undefined) return written
    const { split } = scene
    const { layout } = split
    const defaults: Readonly<Record<string, unknown>> = {
      [`${sizes}.tensor`]: layout.tensor,
      [`${sizes}.pipeline`]: layout.pipeline,
      [`${sizes}.context`]: layout.context,
      [`${sizes}.expert`]: layout.expert,
      [`${sizes}.data`]: layout.data,
      [`${sizes}.expertTensor`]: layout.expertTensor ?? layout.tensor,
      [`${sizes}.virtualPipeline`]: split.virtualPipeline,
      "training.microBatch": split.microBatch,
      "training.sequenceLength": split.sequenceLength,
      "cluster.accelerators": split.accelerators,
      "cluster.nodes": scene.nodes
    }
    return defaults[path]
  }

/** Sizes and machines after some changes; undefined where these cannot be. */
const sceneMaker = (
  scenario: TrainingScenario,
  readText: ReadText | undefined
): ((changes: Changes) => Scene | undefined) => {
  const model = entryOf("models", scenario.model, ["model"])
  const stack = stackOf(scenario.training.stack ?? "megatron-core", ["training", "stack"])
  if (isFindings(model) || isFindings(stack)) return () => undefined
  const machines = new Map<string, ReturnType<typeof trainingMachines>>()
  return (changes) => {
    // The changes are of fields that the Schema knows, with values that it allows.
    const changed = changedData(scenario, changes) as TrainingScenario
    const key = JSON.stringify(Object.entries(changes).filter(([path]) => path.startsWith("cluster.")))
    const own = machines.get(key) ?? trainingMachines(changed.cluster, readText)
    machines.set(key, own)
    if (isFindings(own)) return undefined
    return {
      split: splitOf(changed, { model, stack, accelerators: own.accelerators }),
      hasData: changed.training.parallelism?.data !== undefined,
      clusterOf: clusterSize(scenario.cluster, own.fabric.acceleratorsPerNode),
      nodes: own.accelerators / own.fabric.acceleratorsPerNode,
      capacityBytes: own.accelerator.memory.bytes,
      formats: Object.keys(own.accelerator.peakFlops).filter((format) => ["bf16", "fp16", "fp8"].includes(format))
    }
  }
}

/** What ran, and how where all ranks are alike. */
interface Verdict {
  readonly job: TrainingJob
  readonly result: TrainingResult
}

/** Simulates a scenario with changes. Ranks that do the same need not be simulated one by one, whatever it says. */
const simulated = (
  scenario: TrainingScenario,
  changes: Changes,
  scene: Scene | undefined,
  readText: ReadText | undefined
): Verified<Verdict> => {
  if (scene === undefined) return { mendings: [], isRefused: true }
  const loaded = scenarioFromData({
    name: scenario.name ?? "scenario",
    data: changedData(scenario, { symmetry: "on", ...changes })
  })
  const resolved =
    loaded._tag === "Refused" ? loaded : resolveTraining(loaded, readText === undefined ? {} : { readText })
  if (resolved._tag === "Refused")
    return {
      mendings: resolved.issues.flatMap(({ path, nearest }) =>
        trainingMendings({ path: splitPath(path), nearest }, scene)
      ),
      isRefused: true
    }
  const { irregularities: _uneven, ...even } = resolved.job
  const outcome = simulateTraining(even)
  if (isImpossible(outcome))
    return { mendings: trainingMendings({ path: splitPath(outcome.path) }, scene), isRefused: true }
  return outcome.memory.fits
    ? { found: { job: resolved.job, result: outcome } }
    : { mendings: smaller(resolved, outcome, scene), isRefused: false }
}

/** Bytes of 16-bit weights and gradients, which no sharding and no offloading takes away from all accelerators together. */
const leastBytesPerParameter = 4
/** Of what is usually held besides: optimizer states in 32 bits. */
const usualBytesPerParameter = 16

/** Memory that the work takes over what there is, at the very least; below 1 it may fit. */
const leastExcess = ({ split: { model, accelerators }, capacityBytes }: Scene): number => {
  const parameters = countParameters(model).total
  const share = (bytesPerParameter: number): number => (parameters * bytesPerParameter) / accelerators / capacityBytes
  return share(leastBytesPerParameter) > 1 ? share(usualBytesPerParameter) : 0
}

/** Settings that take less memory, and more cuts of the model on more accelerators. */
const smaller = (resolved: ResolvedTraining, { memory }: TrainingResult, scene: Scene): readonly Changes[] => {
  const excess = memory.fullest.peakBytes / memory.capacityBytes
  // One setting does not make a quarter of it.
  return [...(excess > 4 ? [] : roomier(resolved)), ...grown(scene, {}, excess)]
}

/** As many more accelerators as the work is too large for, with more cuts of the model. */
const grown = (
  { split: { layout, accelerators }, hasData, clusterOf }: Scene,
  { "training.recompute": recompute }: Changes,
  excess: number
): readonly Changes[] => {
  const nearest = 2 ** Math.ceil(Math.log2(excess))
  return [nearest / 2, nearest, 2 * nearest].flatMap((times) => {
    if (times < 2) return []
    const larger = {
      ...(excess > 4 && recompute === undefined ? { "training.recompute": "full" } : {}),
      ...clusterOf(times * accelerators)
    }
    return [
      { [`${sizes}.tensor`]: times * layout.tensor, ...larger },
      { [`${sizes}.pipeline`]: times * layout.pipeline, ...larger },
      { ...(hasData ? { [`${sizes}.data`]: times * layout.data } : {}), ...larger }
    ]
  })
}
