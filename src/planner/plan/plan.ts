/**
 * A plan for training: the best layouts of a space under constraints, exactly, and how they were found.
 */
import {
  isServing,
  locate,
  scenarioWith,
  type Changes,
  type DecodedScenario,
  type Finding,
  type LoadedScenario,
  type ReadText,
  type Refused
} from "../../scenario/index.ts"
import type { TrainingJob, TrainingResult, WholeRun } from "../../training/index.ts"
import { changesOf, jobOf, type Candidate } from "./candidate.ts"
import { contradictionOf, type NoPlan } from "./contradiction.ts"
import { lossesOf, type Loss } from "./losses.ts"
import { machinesOf } from "./machines.ts"
import { objectives, type Constraints, type Objective } from "./objective.ts"
import { search, type Counts, type Planned, type PlanProgress } from "./search.ts"
import { layoutCount, mostLayouts, type PlanSpace } from "./space.ts"

export interface PlanRequest {
  readonly objective: Objective
  readonly constraints: Constraints
  readonly space: PlanSpace
  /** Layouts to list. */
  readonly top: number
}

export interface PlannedLayout {
  /** The fields that make the scenario this layout. */
  readonly changes: Changes
  readonly candidate: Candidate
  readonly job: TrainingJob
  readonly accelerators: number
  /** "1024 x NVIDIA H100 SXM5 80 GB" */
  readonly machines: string
  readonly result: TrainingResult
  /** With failures, saves and stops, where they count and the scenario tells of them (`training.run`). */
  readonly whole: WholeRun | null
  /** What the objective makes small: seconds, dollars a million tokens, accelerators, joules a token; seconds a token of the run. */
  readonly value: number
  /** What it loses to the best by, the most first; empty for the best. */
  readonly losses: readonly Loss[]
}

export interface TrainingPlan {
  readonly _tag: "TrainingPlan"
  readonly request: PlanRequest
  /** The best first. */
  readonly layouts: readonly PlannedLayout[]
  /** The fastest layout for each number of accelerators that is not slower than with fewer. */
  readonly front: readonly PlannedLayout[]
  readonly counts: Counts
  /** The scenario with the best layout. */
  readonly scenario: LoadedScenario
}

type WrittenPlan = NonNullable<DecodedScenario["plan"]>

const listed = <Item>(value: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(value) ? (value as readonly Item[]) : [value as Item]

/** What a scenario's plan block asks for, with what it leaves out. */
export const requestOf = ({ objective = "time", constraints = {}, space = {}, top = 5 }: WrittenPlan): PlanRequest => ({
  objective,
  constraints,
  space: Object.fromEntries(
    Object.entries(space).map(([field, value]) => [field, [...new Set(listed<unknown>(value))]])
  ) as PlanSpace,
  top
})

/** What an objective or a constraint needs of the scenario and does not find. */
const findMissing = ({ scenario }: LoadedScenario, { objective, constraints }: PlanRequest): readonly Finding[] => {
  if (isServing(scenario)) return []
  const { training } = scenario
  const hasTokens = training.tokens !== undefined || training.run?.tokens !== undefined
  const finding = (path: readonly string[], needs: string, expected: string): Finding => ({
    path,
    problem: `needs ${needs}, which the scenario does not have`,
    given: path.at(-1) === "objective" ? objective : (path.at(-1) ?? ""),
    expected
  })
  const hasRun = training.run !== undefined
  const tokensField = "training.tokens, such as --set training.tokens=1T"
  return [
    ...(objective === "goodput" && !hasRun
      ? [
          finding(
            ["plan", "objective"],
            "a whole run",
            "training.run with what fails, such as { tokens: 1T, failures: { gpu: { mtbf: 5 years } } }"
          )
        ]
      : []),
    ...(objective === "days" && !hasTokens ? [finding(["plan", "objective"], "a number of tokens", tokensField)] : []),
    ...(["budget", "deadline"] as const)
      .filter((limit) => constraints[limit] !== undefined && !hasTokens)
      .map((limit) => finding(["plan", "constraints", limit], "a number of tokens", tokensField))
  ]
}

/** Accelerators are paid for, by the hour or by the watt. */
const isPerAccelerator = (objective: Objective): boolean => objective === "cost" || objective === "energy"

/**
 * Plans a scenario of training: the best layouts of a space under constraints, exactly.
 *
 * @param request     as `requestOf` makes it of a scenario's plan block
 * @param readText    reads what the scenario names: measured kernels and collectives
 * @param onProgress  told of every layout that is bounded, then of every one that is settled
 * @returns the plan; or why there is none: `NoPlan` where sizes don't divide or constraints cannot be met, `Refused` where the
 *   scenario, the space or the objective is wrong
 */
export const planTraining = (
  loaded: LoadedScenario,
  request: PlanRequest,
  readText: ReadText,
  onProgress?: (progress: PlanProgress) => void
): TrainingPlan | NoPlan<PlannedLayout> | Refused => {
  const missing = findMissing(loaded, request)
  if (missing.length > 0) return { _tag: "Refused", issues: locate(missing, loaded.sources) }
  const needsPrice = request.objective === "cost" || request.constraints.budget !== undefined
  const machines = machinesOf(loaded, request.space, readText, needsPrice)
  if ("issues" in machines) return machines
  const { space, constraints, top } = request
  const layouts = layoutCount(
    space,
    machines.map((one) => one.space)
  )
  if (layouts > mostLayouts) {
    const finding: Finding = {
      path: ["plan", "space"],
      problem: `there are more than ${mostLayouts} layouts`,
      given: "so large a space",
      expected: "fewer values of some sizes, or fewer machines"
    }
    return { _tag: "Refused", issues: locate([finding], loaded.sources) }
  }
  const objective = objectives[request.objective]
  const found = search({
    machines,
    space,
    objective,
    constraints,
    top,
    front: machines.length > 1,
    layouts,
    ...(onProgress === undefined ? {} : { onProgress })
  })
  const [first] = found.best
  const weightOf = ({ machines: { accelerators } }: Planned): number =>
    isPerAccelerator(request.objective) ? accelerators : 1
  const layoutOf = (planned: Planned): PlannedLayout => ({
    changes: { ...planned.machines.changes, ...changesOf(planned.candidate, loaded.scenario) },
    candidate: planned.candidate,
    job: jobOf(planned.machines.base, planned.machines.fixed, planned.candidate),
    accelerators: planned.machines.accelerators,
    machines: planned.machines.title,
    result: planned.result,
    whole: planned.whole,
    value: planned.value,
    losses:
      first === undefined || planned === first
        ? []
        : lossesOf(
            { result: first.result, weight: weightOf(first) },
            { result: planned.result, weight: weightOf(planned) }
          )
  })
  if (first === undefined) return contradictionOf(machines, space, constraints, found, layoutOf)
  const best = found.best.map(layoutOf)
  const scenario = scenarioWith(loaded, { plan: null, ...best[0]?.changes })
  if (scenario._tag === "Refused") return scenario
  return {
    _tag: "TrainingPlan",
    request,
    layouts: best,
    front: frontOf(found.fastest).map(layoutOf),
    counts: found.counts,
    scenario
  }
}

/** Those of which none has as few accelerators and is as fast; the fewest first. */
const frontOf = (fastest: readonly Planned[]): readonly Planned[] => {
  const sorted = fastest.toSorted(
    (a, b) => a.machines.accelerators - b.machines.accelerators || a.result.iterationSeconds - b.result.iterationSeconds
  )
  let least = Number.POSITIVE_INFINITY
  return sorted.filter(({ result }) => {
    const isFaster = result.iterationSeconds < least
    if (isFaster) least = result.iterationSeconds
    return isFaster
  })
}
