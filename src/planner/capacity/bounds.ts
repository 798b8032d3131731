/**
 * What no replica of a kind can be better than, whatever its load and its scheduler do; and what it will about do.
 *
 * ReplicaBounds come from the step model by which the simulation prices every step:
 *
 * - a token: no decode step is shorter than the shortest of any batch with the least context, and each of a request's tokens
 *   after the first takes a step (speculation: several tokens a step at most);
 * - a first token: no prompt is computed faster than at the least seconds a token of any step, at the slowest stage;
 * - requests a second: a stage works at least (prompt + answer tokens) x (least seconds a token of any step) + (context of
 *   the answer's steps) x (slope of a step in its context) for each; and decodes no more tokens a second than the batch
 *   does whose step takes as long as the goal of a token allows, of steps that are the better used the longer they are.
 */
import { expectedTokens, type StepLoad } from "../../inference/index.ts"
import { modelledCapacity, type Batching, type ServingJob } from "../../serving/index.ts"
import { quantile } from "../../statistics/index.ts"
import { shareOf, type LatencyGoal } from "./goals.ts"
import type { DrawnRequests } from "./mix.ts"

export interface ReplicaBounds {
  /** Seconds that a token after the first takes at least, and the first token of a request of the goal's percentile. */
  readonly tokenSeconds: number
  readonly firstSeconds: number
  /** Requests a second that a replica serves at most within the goals. */
  readonly mostPerSecond: number
  /** Requests a second that a replica will about serve within the goals: an estimate, for ranking alone. */
  readonly modelledPerSecond: number
}

const load = (fields: Partial<StepLoad>): StepLoad => ({
  decodes: 0,
  decodeContext: 0,
  decodeWindow: 0,
  prefills: 0,
  prefillTokens: 0,
  prefillPairs: 0,
  prefillContext: 0,
  sampled: 0,
  ...fields
})

const decoding = (sequences: number, contextEach: number): StepLoad =>
  load({
    decodes: sequences,
    decodeContext: sequences * contextEach,
    decodeWindow: sequences * contextEach,
    sampled: sequences
  })

/** So many tokens of one prompt, whose attention costs nothing. */
const prompting = (tokens: number): StepLoad => load({ prefills: 1, prefillTokens: tokens, sampled: 1 })

/** Least seconds a token of a step of any size, at a stage. */
const secondsOfToken = (steps: StepSeconds, stage: number): number =>
  ladder(1 << 16).reduce(
    (least, count) => Math.min(least, steps.stageSeconds(stage, prompting(count)) / count),
    Infinity
  )

type StepSeconds = Pick<
  ServingJob["steps"],
  "stages" | "stageSeconds" | "hopSeconds" | "hostSeconds" | "firstTokenSeconds"
>

/** From the start of a step to its end: through all stages. */
const passSeconds = (steps: StepSeconds, of: StepLoad): number => {
  let sum = 0
  for (let stage = 0; stage < steps.stages; stage++) sum += steps.stageSeconds(stage, of)
  return sum + (steps.stages - 1) * steps.hopSeconds(of)
}

const slowestStage = (steps: StepSeconds, of: StepLoad): number => {
  let slowest = 0
  for (let stage = 0; stage < steps.stages; stage++) slowest = Math.max(slowest, steps.stageSeconds(stage, of))
  return slowest
}

/** Numbers to try: every one up to 16, then in steps of an eighth. */
const ladder = (most: number): readonly number[] => {
  const numbers: number[] = []
  for (let at = 1; at < most; at = Math.max(at + 1, Math.floor(at * 1.125))) numbers.push(at)
  return [...numbers, Math.max(1, Math.floor(most))]
}

/** Where prompts share text or answers are guessed in several ways, some bounds would not hold and are left out. */
const isPlain = ({ workload: { classes, arrivals } }: ServingJob): boolean =>
  arrivals.kind !== "trace" &&
  classes.every(({ sharedPrefix, conversation }) => sharedPrefix === null && conversation === null)

export const boundsOf = (job: ServingJob, drawn: DrawnRequests, goals: readonly LatencyGoal[]): ReplicaBounds => {
  const { steps, target, batching } = job
  const guessed = target.speculation === undefined ? 1 : target.speculation.tokens + 1
  const groups = target.layout.dataAttention
  const sequences = Math.max(1, Math.min(batching.maximumSequences * groups * batching.batchesInFlight, 1 << 20))
  const batches = ladder(sequences)
  const tokenSeconds =
    batches.reduce((least, count) => Math.min(least, passSeconds(steps, decoding(count, 1))), Infinity) / guessed
  return {
    tokenSeconds,
    firstSeconds: isPlain(job) ? firstTokenSeconds(job, drawn, goals) : 0,
    mostPerSecond: isPlain(job) && groups === 1 && guessed === 1 ? mostPerSecond(job, drawn, goals, batches) : Infinity,
    modelledPerSecond: modelledWithin(job, drawn, goals)
  }
}

/** Of the prompt that the goal's percentile reaches, or the mean of all. */
const firstTokenSeconds = (
  { steps }: ServingJob,
  { prompts, mix }: DrawnRequests,
  goals: readonly LatencyGoal[]
): number => {
  const goal = goals.find(({ metric }) => metric === "ttft")
  if (goal === undefined || prompts.length === 0) return 0
  // A rank lower than the percentile's: quantiles between two values lie below the upper one.
  const tokens =
    goal.statistic === "mean"
      ? mix.prompt
      : quantile([...prompts], Math.max(0, shareOf[goal.statistic] - 2 / prompts.length))
  let slowest = 0
  for (let stage = 0; stage < steps.stages; stage++) slowest = Math.max(slowest, secondsOfToken(steps, stage))
  return Math.floor(tokens) * slowest + steps.firstTokenSeconds
}

const mostPerSecond = (
  { steps }: ServingJob,
  { mix, outputs }: DrawnRequests,
  goals: readonly LatencyGoal[],
  batches: readonly number[]
): number => {
  let bound = Infinity
  const widest = batches.at(-1) ?? 1
  for (let stage = 0; stage < steps.stages; stage++) {
    const seconds = (of: StepLoad): number => steps.stageSeconds(stage, of)
    const aToken = secondsOfToken(steps, stage)
    const slope = Math.max(0, (seconds(decoding(widest, 2000)) - seconds(decoding(widest, 1000))) / (widest * 1000))
    const work = (mix.prefill + mix.decodeSteps) * aToken + mix.decodeContext * slope
    if (work > 0) bound = Math.min(bound, 1 / work)
  }
  const goal = goals.find(({ metric }) => metric === "tpot")
  if (goal === undefined || mix.decodeSteps === 0) return bound
  const longest = passSeconds(steps, decoding(widest, 0))
  const late = goal.statistic === "mean" ? 0 : tokensOfLongest(outputs, 1 - shareOf[goal.statistic])
  const allowed = (1 - late) * goal.seconds + late * Math.max(goal.seconds, longest)
  let best = 0
  for (const count of batches) {
    // Batches in flight share the stages: a stage serves them in turn.
    const pass = passSeconds(steps, decoding(count, 0))
    if (pass <= allowed) best = Math.max(best, count / slowestStage(steps, decoding(count, 0)))
  }
  // The ladder's rungs are an eighth apart.
  return Math.min(bound, (best * 1.125) / mix.decodeSteps)
}

/** Share of all tokens that the longest answers have, of so large a share of the requests. */
const tokensOfLongest = (outputs: Int32Array, share: number): number => {
  const sorted = outputs.toSorted().reverse()
  const count = Math.ceil(share * sorted.length)
  const sum = (values: Int32Array): number => values.reduce((total, value) => total + value, 0)
  return sum(sorted.subarray(0, count)) / Math.max(1, sum(sorted))
}

/** How far the mean time of a token may come near to a goal for its percentile. */
const headroom = 0.85

/**
 * Capacity at the largest batch whose tokens come in time in the steady state of the mean request: a step then takes
 * batch / (rate x steps of a request), by Little's law.
 */
const modelledWithin = (job: ServingJob, { mix, outputs }: DrawnRequests, goals: readonly LatencyGoal[]): number => {
  const goal = goals.find(({ metric }) => metric === "tpot")
  const { speculation } = job.target
  const steps =
    mix.decodeSteps / (speculation === undefined ? 1 : expectedTokens(speculation.tokens, speculation.acceptance))
  const at = (sequences: number): { readonly rate: number; readonly token: number } => {
    const batching: Batching = { ...job.batching, maximumSequences: sequences }
    const rate = modelledCapacity({ ...job, replicas: 1, batching }, mix, outputs)
    return { rate, token: steps > 0 ? sequences / (rate * mix.decodeSteps) : 0 }
  }
  const full = at(job.batching.maximumSequences).rate
  if (goal === undefined || !(steps > 0)) return headroom * full
  let best = 0
  for (const sequences of ladder(job.batching.maximumSequences)) {
    const { rate, token } = at(sequences)
    if (token <= headroom * goal.seconds) best = Math.max(best, rate)
  }
  return headroom * Math.min(full, best)
}
