/**
 * The machines that a plan may use: for each system and number of nodes a job that any layout is made from.
 */
import { nearestNames } from "../../catalog/index.ts"
import {
  isServing,
  resolveTraining,
  scenarioWith,
  trainingMachines,
  locate,
  type Changes,
  type Finding,
  type LoadedScenario,
  type ReadText,
  type Refused,
  type TrainingScenario
} from "../../scenario/index.ts"
import { schedules } from "../../parallel/index.ts"
import {
  simulateWholeRun,
  type ImpossibleLayout,
  type TrainingJob,
  type TrainingResult,
  type WholeRun
} from "../../training/index.ts"
import { hourlyPrice } from "../capacity/prices.ts"
import { changesOf, isSchedule, type Candidate, type Fixed } from "./candidate.ts"
import type { FeasibilitySite } from "./feasible.ts"
import type { Course, Site } from "./objective.ts"
import { makeLibrary, type PartLibrary } from "./part-library.ts"
import type { PlanSpace, SpaceSite } from "./space.ts"
import { layerRoofline } from "./time-bound.ts"

export interface Machines extends Site {
  readonly title: string
  /** The fields of the scenario that choose them. */
  readonly changes: Changes
  readonly fixed: Fixed
  readonly space: SpaceSite
  readonly feasibility: FeasibilitySite
  readonly library: PartLibrary
  /** Roofline seconds of a layer for one sequence on one rank. */
  readonly layerSeconds: number
  /** The whole run of a simulated layout; null where the scenario tells of none. */
  readonly wholeRun: ((candidate: Candidate, result: TrainingResult) => WholeRun | ImpossibleLayout) | null
}

/** Systems and nodes in every combination, as changes of the scenario; one empty change where neither is given. */
const choices = ({ system, nodes }: PlanSpace): readonly Changes[] =>
  (system ?? [undefined]).flatMap((name) =>
    (nodes ?? [undefined]).map((count) => ({
      ...(name === undefined ? {} : { "cluster.system": name }),
      ...(count === undefined ? {} : { "cluster.nodes": count })
    }))
  )

const refuse = (path: readonly string[], given: string, problem: string, expected: string): Finding => ({
  path: [...path],
  problem,
  given,
  expected
})

/** What a plan cannot be about, whatever the layout. */
const findUnplannable = (loaded: LoadedScenario, space: PlanSpace): readonly Finding[] => {
  const { scenario } = loaded
  if (isServing(scenario))
    return [refuse(["serving"], "serving", "this plan is about training", "a scenario with a training section")]
  const unknown = (space.schedule ?? []).filter((name) => !isSchedule(name))
  return [
    ...(scenario.cluster.groups === undefined
      ? []
      : [
          refuse(
            ["cluster", "groups"],
            "groups",
            "layouts over machines of several kinds are not planned",
            "machines of one kind; compare several with plan.space.system"
          )
        ]),
    ...unknown.map((name) => ({
      ...refuse(
        ["plan", "space", "schedule"],
        name,
        `there is no schedule ${JSON.stringify(name)}`,
        `one of ${Object.keys(schedules).join(", ")}`
      ),
      nearest: nearestNames(name, Object.keys(schedules))
    }))
  ]
}

const refused = (loaded: LoadedScenario, findings: readonly Finding[]): Refused => ({
  _tag: "Refused",
  issues: locate(findings, loaded.sources)
})

/**
 * All machines of a plan.
 *
 * @param needsPrice  whether accelerators must have a price: the scenario's, else the catalogue's
 */
export const machinesOf = (
  loaded: LoadedScenario,
  space: PlanSpace,
  readText: ReadText,
  needsPrice = false
): readonly Machines[] | Refused => {
  const unplannable = findUnplannable(loaded, space)
  if (unplannable.length > 0) return refused(loaded, unplannable)
  const made: Machines[] = []
  for (const changes of choices(space)) {
    const priced = needsPrice ? withPrice(loaded, changes, readText) : changes
    if (isFinding(priced)) return refused(loaded, [priced])
    const one = machinesWith(loaded, priced, made.length, readText)
    if ("issues" in one) return one
    made.push(one)
  }
  return made
}

const isFinding = (made: Changes | Finding): made is Finding => "problem" in made

/** The changes with the price of an hour that the catalogue has, where the scenario has none. */
const withPrice = (loaded: LoadedScenario, changes: Changes, readText: ReadText): Changes | Finding => {
  const { price } = loaded.scenario
  if (price?.perAcceleratorHour !== undefined || price?.perKilowattHour !== undefined) return changes
  const chosen = scenarioWith(loaded, { plan: null, ...changes })
  const cluster = chosen._tag === "Refused" ? [] : trainingMachines(chosen.scenario.cluster, readText)
  // What is wrong with the machines is said where they are made.
  if (!("accelerators" in cluster)) return changes
  const hourly = hourlyPrice(cluster.accelerator, {}, "middle")
  return hourly === undefined
    ? refuse(
        ["price"],
        "nothing",
        `the catalogue has no price for ${cluster.accelerator.title}`,
        "price.perAcceleratorHour, such as --set price.perAcceleratorHour=2"
      )
    : { ...changes, "price.perAcceleratorHour": Math.round(100 * hourly) / 100 }
}

/** A layout that any model and any number of accelerators have: every rank by itself. */
const alone = (accelerators: number): Changes => ({
  "training.parallelism.tensor": 1,
  "training.parallelism.pipeline": 1,
  "training.parallelism.context": 1,
  "training.parallelism.expert": 1,
  "training.parallelism.expertTensor": null,
  "training.parallelism.virtualPipeline": 1,
  "training.parallelism.data": accelerators,
  "training.sharding.group": null,
  "training.microBatch": 1,
  "training.globalBatch": accelerators,
  "training.schedule": "1f1b",
  "training.layerSplit": null
})

const machinesWith = (
  loaded: LoadedScenario,
  changes: Changes,
  index: number,
  readText: ReadText
): Machines | Refused => {
  const chosen = scenarioWith(loaded, { plan: null, ...changes })
  if (chosen._tag === "Refused") return chosen
  const { scenario } = chosen
  if (isServing(scenario)) return refused(loaded, findUnplannable(loaded, {}))
  const cluster = trainingMachines(scenario.cluster, readText)
  if (!("accelerators" in cluster)) return refused(loaded, cluster)
  const { accelerators, system } = cluster
  const { training } = scenario
  const probe = scenarioWith(chosen, {
    ...alone(accelerators),
    // What happens to a run beside its iterations depends on no layout that is planned.
    "training.run": null,
    ...(training.run?.tokens === undefined ? {} : { "training.tokens": training.run.tokens })
  })
  const resolved = probe._tag === "Refused" ? probe : resolveTraining(probe, { readText })
  if (resolved._tag === "Refused") return resolved
  const { job } = resolved
  if (job.irregularities !== undefined) return refused(loaded, [irregularFinding(loaded)])
  const fixed: Fixed = {
    order: job.layout.order,
    expertTensor: training.parallelism?.expertTensor,
    sequenceParallel: training.parallelism?.sequenceParallel ?? job.stack.sequenceParallelByDefault
  }
  const { layerSplit } = training
  const base: TrainingJob = {
    ...job,
    globalBatch: training.globalBatch,
    ...(layerSplit === undefined ? {} : { layerSplit }),
    trace: "off"
  }
  const { model, stack, globalBatch, sequenceLength, symmetry } = base
  const tokens = base.run?.tokens
  const library = makeLibrary(base)
  const sizes = { model, accelerators, globalBatch, sequenceLength }
  return {
    title: `${accelerators} x ${base.accelerator.title}${"cluster.system" in changes ? ` (${system.name})` : ""}`,
    changes,
    base,
    accelerators,
    iterations: tokens === undefined ? null : Math.ceil(tokens / (globalBatch * sequenceLength)),
    course: courseOf(training, base),
    fixed,
    space: { ...sizes, stack, machines: index, domain: base.fabric.scaleUp.domain, written: writtenOf(training) },
    feasibility: { ...sizes, fixed, layerSplit, symmetry, splits: (parts) => library.split(parts) !== null },
    library,
    layerSeconds: layerRoofline(base),
    wholeRun: training.run === undefined ? null : (candidate, result) => wholeRunOf(chosen, candidate, result, readText)
  }
}

/** What of the whole run is of the sizes that are planned. */
const courseOf = ({ run, tokens: plainTokens }: TrainingScenario["training"], base: TrainingJob): Course | null => {
  const tokens = run?.tokens ?? plainTokens
  if (run === undefined || tokens === undefined) return null
  const { globalBatch, sequenceLength } = base
  const stages = run.stages ?? [{}]
  let [passed, planned] = [0, 0]
  stages.forEach((stage, index) => {
    const end = index === stages.length - 1 ? tokens : Math.min(tokens, passed + (stage.tokens ?? tokens))
    const isPlanned =
      (stage.globalBatch ?? globalBatch) === globalBatch &&
      (stage.sequenceLength ?? sequenceLength) === sequenceLength &&
      stage.microBatch === undefined &&
      stage.context === undefined
    // Until the batch is full, and a step more.
    const ramped = index > 0 || run.batchRamp === undefined ? 0 : (run.batchRamp.samples + globalBatch) * sequenceLength
    // A stage may run a step beyond its tokens, which the next one then lacks.
    const owed =
      index === 0
        ? 0
        : Math.max(...stages.map((one) => (one.globalBatch ?? globalBatch) * (one.sequenceLength ?? sequenceLength)))
    if (isPlanned) planned += Math.max(0, end - passed - ramped - owed)
    passed = end
  })
  return { tokens, iterations: planned / (globalBatch * sequenceLength) }
}

/** Defaults of a run follow from the layout, so that it is resolved anew. */
const wholeRunOf = (
  chosen: LoadedScenario,
  candidate: Candidate,
  result: TrainingResult,
  readText: ReadText
): WholeRun | ImpossibleLayout => {
  const loaded = scenarioWith(chosen, changesOf(candidate, chosen.scenario))
  const resolved = loaded._tag === "Refused" ? loaded : resolveTraining(loaded, { readText })
  const settings = resolved._tag === "Refused" ? undefined : resolved.job.run?.settings
  if (resolved._tag !== "Refused" && settings !== undefined) return simulateWholeRun(resolved.job, result, settings)
  const [issue] = resolved._tag === "Refused" ? resolved.issues : []
  return {
    _tag: "ImpossibleLayout",
    path: issue?.path ?? "training.run",
    given: issue?.given ?? "nothing",
    expected: issue?.expected ?? "what happens in the run"
  }
}

/** The sizes that a scenario writes down. */
const writtenOf = ({
  parallelism: { tensor, context, virtualPipeline } = {},
  microBatch,
  zeroStage,
  sharding,
  recompute,
  schedule
}: TrainingScenario["training"]): Partial<Candidate> => ({
  ...(tensor === undefined ? {} : { tensor }),
  ...(context === undefined ? {} : { context }),
  ...(virtualPipeline === undefined ? {} : { virtualPipeline }),
  ...(microBatch === undefined ? {} : { microBatch }),
  ...(zeroStage === undefined ? {} : { zeroStage: zeroStage as Candidate["zeroStage"] }),
  ...(sharding?.group === undefined ? {} : { shardGroup: sharding.group }),
  ...(recompute === undefined ? {} : { recompute }),
  ...(typeof schedule === "string" && isSchedule(schedule) ? { schedule } : {})
})

const irregularFinding = ({ scenario }: LoadedScenario): Finding => {
  const written: object = isServing(scenario) ? {} : scenario.training
  const field = ["jitter", "unevenData"].find((name) => name in written)
  return refuse(
    field === undefined ? ["cluster", "irregularities"] : ["training", field],
    field ?? "irregularities",
    "ranks that differ are not planned for",
    "a scenario without it: plan first, then run what was found with it"
  )
}
