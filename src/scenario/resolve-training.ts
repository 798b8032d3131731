/**
 * From a decoded scenario, where names are names, to a job, which holds everything that a simulation needs.
 */
import { nearestNames, type Accelerator, type Datatype, type Model, type Stack, type System } from "../catalog/index.ts"
import { isTrace, kernelTableText, parseKernelTable, type KernelTable } from "../kernels/index.ts"
import { defaultOrder, schedules, type Layout } from "../parallel/index.ts"
import type { ImpossibleLayout, TrainingJob } from "../training/index.ts"
import { borrowedEfficiency } from "./borrowed-efficiency.ts"
import { calibrationOf, findForeign, profileEvidence } from "./calibration.ts"
import { trainingMachines } from "./cluster-groups.ts"
import { findImpossible, type Split } from "./feasibility.ts"
import { findUnmixable } from "./mixed-machines.ts"
import { hashScenario } from "./hash.ts"
import { entryOf, isFindings, stackOf } from "./inline.ts"
import { loadSettings } from "./resolve-irregularities.ts"
import { runSettings } from "./resolve-run.ts"
import { show, splitPath, type Finding, type ScenarioIssue } from "./issue.ts"
import { locate, locateOne, type LoadedScenario, type ReadText, type Refused } from "./load.ts"
import type { ResolveOptions } from "./resolve-options.ts"
import { adjustedStack, changedMachines, resourceEvidence, timesFactors } from "./resource-factors.ts"
import { throughTopology } from "./topology.ts"
import { isServing, type TrainingScenario } from "./schema.ts"

export interface ResolvedTraining {
  readonly _tag: "ResolvedTraining"
  readonly job: TrainingJob
  /** The scenario as data alone: schedules written out, tables in place, seed set. Running it again gives the same result. */
  readonly scenario: TrainingScenario
  /** Fingerprint of `scenario`. */
  readonly hash: string
  readonly system: System
  readonly accelerators: number
}

/** Resolves names, fills in defaults and checks that the sizes divide. */
export const resolveTraining = (loaded: LoadedScenario, options: ResolveOptions = {}): ResolvedTraining | Refused => {
  const { scenario, sources } = loaded
  const outcome = isServing(scenario) ? [wrongKind] : resolve(scenario, options)
  return isFindings(outcome) ? { _tag: "Refused", issues: locate(outcome, sources) } : outcome
}

const wrongKind: Finding = {
  path: ["serving"],
  at: "key",
  problem: "this scenario is about serving",
  given: "serving",
  expected: "a scenario of training"
}

/** The place in the scenario's files that a simulator's refusal is about. */
export const impossibleIssue = ({ path, given, expected }: ImpossibleLayout, loaded: LoadedScenario): ScenarioIssue =>
  locateOne({ path: splitPath(path), problem: `given ${given}`, given, expected }, loaded.sources)

const resolve = (scenario: TrainingScenario, options: ResolveOptions): ResolvedTraining | readonly Finding[] => {
  const { training } = scenario
  const written = trainingMachines(scenario.cluster, options.readText)
  const calibration = options.attained === undefined ? calibrationOf(scenario.calibration, options.readText) : undefined
  if (calibration !== undefined && isFindings(calibration)) return calibration
  const attained = options.attained ?? calibration?.profile.factors ?? {}
  const factors = timesFactors(scenario.resources, options.factors)
  const machines = isFindings(written) ? written : changedMachines(written, factors, attained)
  const model = entryOf("models", scenario.model, ["model"])
  const named = stackOf(training.stack ?? "megatron-core", ["training", "stack"])
  const stack = isFindings(named) ? named : adjustedStack(named, (factors.host ?? 1) * (attained.host ?? 1))
  const tables = tablesOf(training.kernels ?? [], options.readText)
  const unresolved = [machines, model, stack].flatMap((part) => (isFindings(part) ? part : []))
  if (isFindings(machines) || isFindings(model) || isFindings(stack) || isFindings(tables))
    return [...unresolved, ...(isFindings(tables) ? tables : [])]
  const { groups } = machines
  const kinds = groups ?? [machines]
  const foreign = kinds.flatMap((one) =>
    calibration === undefined ? [] : findForeign(calibration.profile, { ...one, kind: "training", stack })
  )
  if (foreign.length > 0) return foreign
  const precision = precisionOf(scenario, groups?.map(({ accelerator }) => accelerator) ?? [machines.accelerator])
  if (typeof precision !== "string") return [precision]
  const layout = layoutOf(scenario, machines.accelerators)
  const sizes = sizesOf(scenario, model, stack, layout)
  const unmixable = findUnmixable(scenario, groups)
  if (unmixable.length > 0) return unmixable
  const impossible = findImpossible(splitOf(scenario, { model, stack, accelerators: machines.accelerators }))
  if (impossible.length > 0) return impossible
  const schedule = scheduleOf(
    scenario,
    layout,
    sizes.globalBatch / (layout.data * sizes.microBatch),
    sizes.virtualPipeline
  )
  if (typeof schedule !== "string" && "problem" in schedule) return [schedule]
  const scheduleMemory = scheduleMemoryOf(scenario)
  if (scheduleMemory !== undefined && "problem" in scheduleMemory) return [scheduleMemory]
  const load = loadSettings(scenario, { model, layout, fabric: machines.fabric })
  if (isFindings(load)) return load
  const seed = options.seed ?? scenario.seed ?? 1
  const fabric = throughTopology(scenario.cluster, machines.system, machines.fabric, seed)
  if (isFindings(fabric)) return fabric
  const portable = portableScenario(
    {
      ...scenario,
      cluster: machines.cluster,
      ...(calibration === undefined ? {} : { calibration: calibration.portable })
    },
    schedule,
    tables.texts,
    seed
  )
  const name = scenario.name ?? `${model.title} on ${machines.system.title}`
  const job: TrainingJob = {
    name,
    accelerator: machines.accelerator,
    fabric,
    model,
    stack,
    layout,
    ...sizes,
    schedule,
    ...(scheduleMemory === undefined ? {} : { scheduleMemory }),
    precision,
    sharding: shardingOf(training, stack),
    recompute: training.recompute ?? "none",
    offload: { activations: training.offload?.activations ?? false, optimizer: training.offload?.optimizer ?? false },
    ...(training.layerSplit === undefined ? {} : { layerSplit: training.layerSplit }),
    ...(groups === undefined ? {} : { machines: groups }),
    ...(training.replicaMicroBatches === undefined || groups === undefined
      ? {}
      : { replicaMicroBatches: training.replicaMicroBatches }),
    ...load,
    ...(training.expertCapacity === undefined
      ? {}
      : { expertCapacity: { ...training.expertCapacity, padded: training.expertCapacity.padded ?? false } }),
    ...(training.collective === undefined ? {} : { collective: training.collective }),
    kernelTables: tables.tables,
    symmetry: scenario.symmetry ?? "on",
    ...(scenario.leap === undefined ? {} : { leap: scenario.leap }),
    seed,
    trace: options.trace ?? "off",
    ...tokensOf(training.run?.tokens ?? training.tokens),
    ...(scenario.price === undefined
      ? {}
      : { price: { ...scenario.price, powerUsageEffectiveness: scenario.price.powerUsageEffectiveness ?? 1 } }),
    nodeWatts: machines.system.nodeWatts,
    evidence: [
      ...machines.evidence,
      ...borrowedEfficiency(scenario.cluster, machines, precision),
      ...(calibration === undefined ? [] : profileEvidence(calibration.profile)),
      ...resourceEvidence(scenario.resources)
    ]
  }
  const settings =
    training.run === undefined ? undefined : runSettings(training.run, training.tokens, job, machines.accelerators)
  if (settings !== undefined && isFindings(settings)) return settings
  return {
    _tag: "ResolvedTraining",
    job: settings === undefined ? job : { ...job, run: { tokens: settings.tokens, settings } },
    scenario: portable,
    hash: hashScenario(portable),
    system: machines.system,
    accelerators: machines.accelerators
  }
}

/** What a scenario's split is made of besides its own fields. */
export interface SplitEntries {
  readonly model: Model
  readonly stack: Stack
  readonly accelerators: number
}

/** The sizes of a scenario that must divide one another. */
export const splitOf = (scenario: TrainingScenario, { model, stack, accelerators }: SplitEntries): Split => {
  const layout = layoutOf(scenario, accelerators)
  return {
    ...sizesOf(scenario, model, stack, layout),
    model,
    layout,
    accelerators,
    shardGroup: scenario.training.sharding?.group,
    layerSplit: scenario.training.layerSplit,
    hasOwnCounts: scenario.training.replicaMicroBatches !== undefined,
    symmetry: scenario.symmetry ?? "on"
  }
}

const tokensOf = (tokens: number | undefined): Pick<TrainingJob, "run"> =>
  tokens === undefined ? {} : { run: { tokens } }

const layoutOf = ({ training }: TrainingScenario, accelerators: number): Layout => {
  const { tensor = 1, pipeline = 1, context = 1, expert = 1, data, expertTensor, order } = training.parallelism ?? {}
  return {
    tensor,
    pipeline,
    context,
    expert,
    ...(expertTensor === undefined ? {} : { expertTensor }),
    // Where the sizes do not divide the accelerators the feasibility check says so; here any number will do.
    data: data ?? Math.max(1, Math.floor(accelerators / (tensor * pipeline * context))),
    order: order ?? defaultOrder
  }
}

const sizesOf = ({ training }: TrainingScenario, model: Model, stack: Stack, layout: Layout) => ({
  virtualPipeline: training.parallelism?.virtualPipeline ?? 1,
  sequenceParallel: layout.tensor > 1 && (training.parallelism?.sequenceParallel ?? stack.sequenceParallelByDefault),
  microBatch: training.microBatch ?? 1,
  globalBatch: training.globalBatch,
  sequenceLength: training.sequenceLength ?? model.maximumSequence
})

const zeroStages = [0, 1, 2, 3] as const

const shardingOf = (training: TrainingScenario["training"], stack: Stack): TrainingJob["sharding"] => ({
  zeroStage: zeroStages.find((stage) => stage === training.zeroStage) ?? (stack.fullySharded ? 3 : 0),
  prefetch: training.sharding?.prefetch ?? 1,
  ...(training.sharding?.group === undefined ? {} : { group: training.sharding.group })
})

/** @param accelerators of all machines */
const precisionOf = ({ training }: TrainingScenario, accelerators: readonly Accelerator[]): Datatype | Finding => {
  const has = ({ peakFlops }: Accelerator, format: Datatype): boolean =>
    // Block scaling changes the bytes, not the rate of fp8.
    peakFlops[format] !== undefined || (format === "mxfp8" && peakFlops.fp8 !== undefined)
  const wanted =
    training.precision ?? (accelerators.every(({ peakFlops }) => peakFlops.bf16 !== undefined) ? "bf16" : "fp16")
  const without = accelerators.find((accelerator) => !has(accelerator, wanted))
  if (without === undefined) return wanted
  const formats = Object.keys(without.peakFlops)
  return {
    path: ["training", "precision"],
    problem: `${without.name} has no rate for ${wanted}`,
    given: wanted,
    expected: `one of ${formats.join(", ")}`,
    nearest: nearestNames(wanted, formats)
  }
}

/** The schedule as a name or as operations; a function is asked for them. */
const scheduleOf = (
  { training }: TrainingScenario,
  layout: Layout,
  microBatches: number,
  chunks: number
): string | readonly string[] | Finding => {
  const written = training.schedule ?? (chunks > 1 ? "interleaved-1f1b" : "1f1b")
  const path = ["training", "schedule"]
  if (typeof written === "string") {
    const names = Object.keys(schedules)
    return names.includes(written)
      ? written
      : {
          path,
          problem: `there is no schedule ${show(written)}`,
          given: show(written),
          expected: `one of ${names.join(", ")}, or { operations: [...] }`,
          nearest: nearestNames(written, names)
        }
  }
  if (typeof written !== "function") return written.operations ?? "automatic"
  const refuse = (problem: string): Finding => ({
    path,
    problem,
    given: "a function",
    expected: `a list of ${layout.pipeline} texts such as "F0 F1 B0 B1", one a stage`
  })
  try {
    const made: unknown = written({ stages: layout.pipeline, microBatches, chunks })
    return isTexts(made) ? made : refuse(`the function returned ${show(made)}`)
  } catch (error) {
    return refuse(`the function failed: ${show(error instanceof Error ? error.message : error)}`)
  }
}

/** The limit of the automatic schedule, where the scenario states one: as a share or as bytes, not both. */
const scheduleMemoryOf = ({ training }: TrainingScenario): TrainingJob["scheduleMemory"] | Finding => {
  const written = training.schedule
  if (typeof written !== "object") return undefined
  const { memoryLimit, memoryBytes } = written.automatic ?? {}
  if (memoryLimit !== undefined && memoryBytes !== undefined)
    return {
      path: ["training", "schedule", "automatic", "memoryBytes"],
      problem: "memoryLimit and memoryBytes both limit the schedule",
      given: `memoryLimit ${show(memoryLimit)} and memoryBytes ${show(memoryBytes)}`,
      expected: "one of the two"
    }
  if (memoryBytes !== undefined) return { bytes: memoryBytes }
  return memoryLimit === undefined ? undefined : { share: memoryLimit }
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string")

interface Tables {
  readonly tables: readonly KernelTable[]
  readonly texts: readonly string[]
}

const tablesOf = (
  written: NonNullable<TrainingScenario["training"]["kernels"]>,
  readText: ReadText = () => ({ failure: "there are no files here" })
): Tables | readonly Finding[] => {
  const tables: KernelTable[] = []
  const texts: string[] = []
  const findings: Finding[] = []
  written.forEach((table, index) => {
    const path = ["training", "kernels", index]
    const read = typeof table === "string" ? readText(table) : { text: table.table }
    const name = typeof table === "string" ? table : `kernels ${index}`
    if ("failure" in read) {
      findings.push({
        path,
        problem: `cannot read ${show(table)}: ${read.failure}`,
        given: show(table),
        expected: "the path of a kernel table or of a profiler's trace, relative to the scenario file"
      })
      return
    }
    const parsed = parseKernelTable(name, read.text)
    if (isKernelTables(parsed)) {
      tables.push(...parsed)
      texts.push(isTrace(read.text) ? kernelTableText(parsed) : read.text)
    } else
      findings.push({
        path,
        problem: `${name}:${parsed.line} reads ${show(parsed.given)}`,
        given: show(parsed.given),
        expected: parsed.expected
      })
  })
  return findings.length > 0 ? findings : { tables, texts }
}

const isKernelTables = (parsed: ReturnType<typeof parseKernelTable>): parsed is readonly KernelTable[] =>
  Array.isArray(parsed)

const portableScenario = (
  scenario: TrainingScenario,
  schedule: string | readonly string[],
  tables: readonly string[],
  seed: number
): TrainingScenario => {
  const { extends: _followed, ...rest } = scenario
  return {
    ...rest,
    training: {
      ...scenario.training,
      schedule:
        schedule === "automatic" && typeof scenario.training.schedule === "object"
          ? scenario.training.schedule
          : typeof schedule === "string"
            ? schedule
            : { operations: schedule },
      ...(tables.length === 0 ? {} : { kernels: tables.map((table) => ({ table })) })
    },
    seed
  }
}
