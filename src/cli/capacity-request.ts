/**
 * What a plan of serving capacity is asked for: a scenario or the bare name of a model, its `capacity` block, and the options
 * of the command line, which are fields of that block under their own names.
 */
import * as Effect from "effect/Effect"
import { find, isUnknownName } from "../catalog/index.ts"
import {
  goalsText,
  isSweepProblem,
  parseGoals,
  parseLoad,
  usualFailures,
  usualPrices,
  usualSpace,
  type CapacityRequest,
  type CapacitySpace,
  type FailureInputs,
  type KindSpace,
  type LatencyGoal,
  type PriceInputs,
  type PriceLevel,
  type PoolSide,
  type SweepProblem
} from "../planner/index.ts"
import { isServing, type LoadedScenario, type ServingScenario } from "../scenario/index.ts"
import { recordedOf } from "./capacity-trace.ts"
import type { CapacityOptions } from "./capacity-options.ts"
import { openedModel } from "./capacity-target.ts"
import { unfitForHighest, unplannable } from "./capacity-unfit.ts"
import { InputWrong } from "./failure.ts"
import { problemText } from "./sweep-plan.ts"

/** One model's part of a plan. */
export interface CapacityTask {
  readonly model: string
  readonly scenario: ServingScenario
  /** Undefined: the highest load of the scenario's own machines is sought. */
  readonly request: CapacityRequest | undefined
  /** The highest load of so many accelerators of any kind of replica is sought; its rate says nothing. */
  readonly highest?: CapacityRequest
  readonly goals: readonly LatencyGoal[]
  /** Requests a second in the quietest hour; undefined = the load never changes. */
  readonly night: number | undefined
}

export interface CapacityAsked {
  readonly tasks: readonly CapacityTask[]
  readonly failures: FailureInputs
  readonly prices: PriceInputs
  /** Dollars an hour. */
  readonly budget: number | undefined
  /** What was assumed in place of what nobody said. */
  readonly assumptions: readonly string[]
  readonly seed: number
}

const numberOf = (written: number | string | undefined): number | undefined | SweepProblem =>
  typeof written === "string" ? parseLoad(written) : written

const isProblem = (found: number | undefined | SweepProblem): found is SweepProblem => typeof found === "object"

/** Requests of a simulation: a minute and more of them, and enough for a 99th percentile. */
const requestsFor = (rate: number, duration = 80): number =>
  Math.round(Math.min(40_000, Math.max(3000, duration * rate)))

const priceWords: Readonly<Record<PriceLevel, string>> = {
  low: "the lowest of the catalogue's",
  middle: "the catalogue's, the geometric mean of the lowest and the highest offer",
  high: "the highest of the catalogue's"
}

/** Goals of the scenario's own objectives. */
export const goalsOf = ({ workload: { slo = {} } }: ServingScenario): readonly LatencyGoal[] =>
  (["ttft", "tpot", "e2e"] as const).flatMap((metric): readonly LatencyGoal[] => {
    const seconds = slo[metric]
    return seconds === undefined ? [] : [{ metric, statistic: "p99", seconds }]
  })

/** What the scenario and the options ask for. */
export const capacityAsked = Effect.fn("capacityAsked")(function* (
  loaded: LoadedScenario,
  assumptions: readonly string[],
  options: CapacityOptions,
  seed: number | undefined
) {
  const { scenario } = loaded
  if (!isServing(scenario))
    return yield* new InputWrong({ text: "the scenario is about training\n  expected a scenario of serving" })
  const block = scenario.capacity ?? {}
  const impossible = unplannable(scenario)
  if (impossible !== undefined) return yield* new InputWrong({ text: impossible })
  const own = seed ?? scenario.seed ?? 1
  const goals = block.slo === undefined ? goalsOf(scenario) : parseGoals(block.slo)
  if (isSweepProblem(goals)) return yield* problemText(goals)
  if (goals.length === 0)
    return yield* new InputWrong({
      text: `no goal is given, so every load is served well enough\n  expected --slo, capacity.slo or workload.slo, such as --slo "ttft.p99 < 1 s, tpot.p99 < 50 ms"`
    })
  const load = numberOf(block.load)
  const night = numberOf(block.night)
  if (isProblem(load)) return yield* problemText(load)
  if (isProblem(night)) return yield* problemText({ ...night, about: "--night" })
  const isHighest = block.objective === "load"
  const unfit = isHighest ? unfitForHighest(block) : undefined
  if (unfit !== undefined) return yield* new InputWrong({ text: unfit })
  if (load === undefined && assumptions.length > 0 && !isHighest)
    return yield* new InputWrong({
      text: `nothing says how much load there is\n  expected --load, such as --load "200 req/s"`
    })
  if (night !== undefined && load !== undefined && night > load)
    return yield* new InputWrong({
      text: `--night: given ${night} requests/s\n  expected at most the load of the busiest hour, ${load} requests/s`
    })
  for (const [field, kind] of [
    ["systems", "systems"],
    ["precisions", "quantisations"]
  ] as const)
    for (const [within, name] of [
      ...(block[field] ?? []).map((one) => ["", one] as const),
      ...(block.prefill?.[field] ?? []).map((one) => ["prefill.", one] as const),
      ...(block.decode?.[field] ?? []).map((one) => ["decode.", one] as const)
    ]) {
      const found = find(kind, name)
      if (isUnknownName(found))
        return yield* new InputWrong({
          text: `capacity.${within}${field}: there is no ${kind.slice(0, -1)} ${JSON.stringify(name)}\n  expected a name from \`windtunnel catalog ${kind}\`${found.nearest.length > 0 ? `; did you mean ${found.nearest.join(", ")}?` : ""}`
        })
    }
  for (const name of Object.keys(block.prices ?? {})) {
    const found = find("accelerators", name)
    if (isUnknownName(found))
      return yield* new InputWrong({
        text: `capacity.prices: there is no accelerator ${JSON.stringify(name)}\n  expected a name from \`windtunnel catalog accelerators\`${found.nearest.length > 0 ? `; did you mean ${found.nearest.join(", ")}?` : ""}`
      })
  }
  const recorded = scenario.workload.arrivals.trace === undefined ? undefined : recordedOf(loaded)
  if (recorded !== undefined && "_tag" in recorded) return yield* recorded
  const requestOf = (own_: ServingScenario, rate: number): CapacityRequest => ({
    scenario: own_,
    rate,
    goals,
    objective: block.objective === undefined || block.objective === "load" ? "cost" : block.objective,
    space: spaceOf(block, scenario),
    ...(block.front === "exact" ? { wantsFront: true } : {}),
    prices: Object.fromEntries(
      Object.entries(block.prices ?? {}).map(([name, price]) => [acceleratorName(name), price])
    ),
    priceAt: block.priceAt ?? "middle",
    available: block.accelerators ?? 1024,
    requests: Math.min(scenario.workload.requests ?? requestsFor(rate), recorded?.requests ?? Infinity),
    ...(recorded?.rate === undefined ? {} : { traceRate: recorded.rate }),
    seed: own,
    confirmations: 2
  })
  const task = (
    one: ServingScenario,
    model: string,
    rate: number | undefined,
    quiet: number | undefined
  ): CapacityTask => ({
    model,
    scenario: one,
    request: rate === undefined ? undefined : requestOf(one, rate),
    ...(isHighest
      ? {
          highest: {
            ...requestOf(one, 1),
            objective: "accelerators",
            requests: Math.min(scenario.workload.requests ?? highestRequests, recorded?.requests ?? Infinity)
          }
        }
      : {}),
    goals,
    night: quiet
  })
  const named = typeof scenario.model === "string" ? scenario.model : (scenario.name ?? "the model")
  const tasks: CapacityTask[] = [task(scenario, named, load, night)]
  for (const { model, load: written } of yield* furtherModels(block.models ?? [], options)) {
    const rate = numberOf(written)
    if (isProblem(rate)) return yield* problemText({ ...rate, about: `the load of ${model}` })
    const found = find("models", model)
    if (isUnknownName(found))
      return yield* new InputWrong({
        text: `capacity.models: there is no model ${JSON.stringify(model)}\n  expected a name from \`windtunnel catalog models\`${found.nearest.length > 0 ? `; did you mean ${found.nearest.join(", ")}?` : ""}`
      })
    const other = assumptions.length === 0 ? { ...scenario, model } : yield* bareOf(model)
    tasks.push(task(other, model, rate ?? load, undefined))
  }
  return {
    tasks,
    failures: {
      spareNodes: block.spareNodes ?? usualFailures.spareNodes,
      nodeHoursBetweenFailures: block.nodeHoursBetweenFailures ?? usualFailures.nodeHoursBetweenFailures,
      repairHours: block.repairHours ?? usualFailures.repairHours
    },
    prices: {
      ...usualPrices,
      ...(block.depreciationYears === undefined ? {} : { depreciationYears: block.depreciationYears }),
      ...(block.serverShare === undefined ? {} : { serverShare: block.serverShare }),
      ...(block.electricity === undefined ? {} : { dollarsPerKilowattHour: block.electricity }),
      ...(block.powerUsageEffectiveness === undefined
        ? {}
        : { powerUsageEffectiveness: block.powerUsageEffectiveness }),
      ...(block.apiPrice === undefined ? {} : { api: block.apiPrice })
    },
    budget: block.budget,
    assumptions: [
      ...assumptions,
      `Goals: ${goalsText(goals)}.`,
      ...(load === undefined
        ? []
        : [
            `Prices of an hour: ${priceWords[block.priceAt ?? "middle"]}${block.prices === undefined ? "" : ", where capacity.prices names none"}.`
          ])
    ],
    seed: own
  } satisfies CapacityAsked
})

type Block = NonNullable<ServingScenario["capacity"]>

/** Requests of a simulation where the load is what is sought. */
const highestRequests = 4000

/** What is chosen from; sizes that nobody names are the scenario's own. */
const spaceOf = (block: Block, { serving }: ServingScenario): CapacitySpace => {
  const { expert, dataAttention } = serving.parallelism ?? {}
  return {
    ...usualSpace,
    batchTokens: serving.batching?.maxBatchTokens === undefined ? usualSpace.batchTokens : [null],
    ...(expert === undefined ? {} : { expert: [expert] }),
    ...(dataAttention === undefined || block.expert !== undefined ? {} : { dataAttention: [dataAttention] }),
    ...chosen(block),
    ...(block.disaggregation === undefined ? {} : { disaggregation: block.disaggregation }),
    prefill: sideOf(block, "prefill"),
    decode: sideOf(block, "decode")
  }
}

/**
 * A pool's own choice. Unless the plan says otherwise, what a step may hold is as the pool or the stack has it: no answer waits for
 * a prompt there.
 */
const sideOf = (block: Block, side: PoolSide): Partial<KindSpace> => ({
  ...(block.maxBatchTokens === undefined ? { batchTokens: [null] } : {}),
  ...(block[side] === undefined ? {} : chosen(block[side]))
})

const chosen = (fields: NonNullable<Block[PoolSide]>): Partial<KindSpace> => ({
  ...(fields.systems === undefined ? {} : { systems: fields.systems.map(nameOf) }),
  ...(fields.tensor === undefined ? {} : { tensor: fields.tensor }),
  ...(fields.pipeline === undefined ? {} : { pipeline: fields.pipeline }),
  ...(fields.expert === undefined ? {} : { expert: fields.expert }),
  ...(fields.dataAttention === undefined ? {} : { dataAttention: fields.dataAttention }),
  ...(fields.precisions === undefined ? {} : { precisions: fields.precisions }),
  ...(fields.maxBatchSize === undefined ? {} : { batchSequences: fields.maxBatchSize }),
  ...(fields.maxBatchTokens === undefined ? {} : { batchTokens: fields.maxBatchTokens })
})

const bareOf = Effect.fn("bareOf")(function* (model: string) {
  const { loaded } = yield* openedModel(model, [])
  return loaded.scenario as ServingScenario
})

/** `--models llama-3-8b=50,mixtral-8x7b` beside those of the scenario. */
const furtherModels = Effect.fn("furtherModels")(function* (
  written: readonly { readonly model: string; readonly load: number | string }[],
  { models, load }: CapacityOptions
) {
  const more: { readonly model: string; readonly load: number | string | undefined }[] = [...written]
  for (const part of (models ?? "").split(",").filter((one) => one.trim() !== "")) {
    const [model = "", rate] = part.split("=")
    if (rate === undefined && load === undefined)
      return yield* new InputWrong({
        text: `--models: given ${part}\n  expected a model with its load, such as llama-3-8b=50`
      })
    more.push({ model: model.trim(), load: rate })
  }
  return more
})

const nameOf = (name: string): string => {
  const found = find("systems", name)
  return isUnknownName(found) ? name : found.name
}

const acceleratorName = (name: string): string => {
  const found = find("accelerators", name)
  return isUnknownName(found) ? name : found.name
}
